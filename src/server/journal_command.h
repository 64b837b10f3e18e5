// `sluice journal ls|verify|cat DIR`: what is in a journal's directory. Reads only, and needs no
// lock, so it may be run beside the gate whose directory it is.
#pragma once

#include <ostream>
#include <string>

namespace sluice {

struct JournalCommand {
  enum class Verb {
    kList,    // a line a file
    kVerify,  // a line for each damaged run of bytes
    kPrint,   // a line of JSON for each record
  };
  Verb verb = Verb::kList;
  std::string dir;
  bool json = false;  // of kList and kVerify: a line of JSON where a line of text stood
};

// The exit code: 0; 1 when kVerify found damage or a torn tail; 2 when the directory or a file of
// it cannot be read, or the output cannot be written.
int RunJournalCommand(const JournalCommand& command, std::ostream& out, std::ostream& err);

}  // namespace sluice
