#include "net/tls_bio.h"

#include <algorithm>
#include <cstring>

#include "sluice/base/check.h"

namespace sluice {
namespace {

TlsBio& EndsOf(BIO* bio) { return *static_cast<TlsBio*>(BIO_get_data(bio)); }

int Read(BIO* bio, char* to, size_t room, size_t* read) {
  std::string_view& in = EndsOf(bio).in;
  BIO_clear_retry_flags(bio);
  *read = std::min(in.size(), room);
  if (*read == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(to, in.data(), *read);
  in.remove_prefix(*read);
  return 1;
}

int Write(BIO* bio, const char* from, size_t size, size_t* written) {
  BIO_clear_retry_flags(bio);
  EndsOf(bio).out->Append({from, size});
  *written = size;
  return 1;
}

long Control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* MakeMethod() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sluice");
  SLUICE_CHECK(method != nullptr);
  BIO_meth_set_read_ex(method, Read);
  BIO_meth_set_write_ex(method, Write);
  BIO_meth_set_ctrl(method, Control);
  return method;
}

}  // namespace

BIO* MakeTlsBio(TlsBio& ends) {
  static const BIO_METHOD* const method = MakeMethod();  // of the process, never freed
  BIO* bio = BIO_new(method);
  SLUICE_CHECK(bio != nullptr);
  BIO_set_data(bio, &ends);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace sluice
