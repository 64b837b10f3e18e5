// A library to be preloaded (LD_PRELOAD) into a program: counts its calls of malloc and its like,
// of all threads, in the file that AllocationCount describes, and lets glibc do the work.
// `operator new` and what libraries take come through malloc, too. Memory is given back as ever.
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "allocations/allocation_count.h"

// glibc's own, under the names that it exports for programs with a malloc of theirs: unlike
// dlsym(RTLD_NEXT), which may allocate, they can be called from the first instruction on.
extern "C" {
void* __libc_malloc(size_t bytes) noexcept;
void* __libc_calloc(size_t count, size_t bytes) noexcept;
void* __libc_realloc(void* memory, size_t bytes) noexcept;
void* __libc_memalign(size_t alignment, size_t bytes) noexcept;
}

namespace sluice {
namespace {

constinit AllocationCount not_mapped;  // before the file is, and without one
constinit AllocationCount* counted = &not_mapped;

void Trace() {
  std::array<void*, 32> frames;
  const int count = backtrace(frames.data(), static_cast<int>(frames.size()));
  constexpr int kOwnFrames = 2;
  backtrace_symbols_fd(frames.data() + kOwnFrames, count - kOwnFrames, STDERR_FILENO);
  (void)!write(STDERR_FILENO, "\n", 1);
}

void Count() {
  counted->calls.fetch_add(1, std::memory_order_relaxed);
  if (counted->traces_left.load(std::memory_order_relaxed) <= 0) return;
  if (counted->traces_left.fetch_sub(1, std::memory_order_relaxed) > 0) Trace();
}

[[gnu::constructor]] void MapFile() {
  void* frame = nullptr;
  backtrace(&frame, 1);  // its first call loads a library, which allocates
  const char* name = std::getenv(kCountFileVariable);
  const int fd = name != nullptr ? open(name, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void* mapped = mmap(nullptr, sizeof(AllocationCount), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) counted = static_cast<AllocationCount*>(mapped);
}

}  // namespace
}  // namespace sluice

extern "C" {

void* malloc(size_t bytes) noexcept {
  sluice::Count();
  return __libc_malloc(bytes);
}

void* calloc(size_t count, size_t bytes) noexcept {
  sluice::Count();
  return __libc_calloc(count, bytes);
}

void* realloc(void* memory, size_t bytes) noexcept {
  sluice::Count();
  return __libc_realloc(memory, bytes);
}

void* memalign(size_t alignment, size_t bytes) noexcept {
  sluice::Count();
  return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(size_t alignment, size_t bytes) noexcept {
  sluice::Count();
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** memory, size_t alignment, size_t bytes) noexcept {
  sluice::Count();
  const bool is_power = alignment != 0 && (alignment & (alignment - 1)) == 0;
  if (!is_power || alignment % sizeof(void*) != 0) return EINVAL;
  void* taken = __libc_memalign(alignment, bytes);
  if (taken == nullptr) return ENOMEM;
  *memory = taken;
  return 0;
}

}  // extern "C"
