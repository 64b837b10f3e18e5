// HeadText: a token of a head that may arrive in pieces: a view while it lies in one read, a copy
// once that read is about to go. Allocates only for the copy, and keeps its room for the next one.
#pragma once

#include <string>
#include <string_view>

#include "sluice/base/check.h"

namespace sluice {

class HeadText {
 public:
  void Append(std::string_view piece) {
    if (kept_) {
      copy_.append(piece);
    } else if (view_.empty()) {
      view_ = piece;
    } else {
      // llhttp cuts only where reads end.
      SLUICE_CHECK(view_.data() + view_.size() == piece.data());
      view_ = {view_.data(), view_.size() + piece.size()};
    }
  }
  // The read it views is about to go.
  void Keep() {
    if (kept_ || view_.empty()) return;
    copy_.assign(view_);
    kept_ = true;
  }
  void Clear() {
    view_ = {};
    kept_ = false;
  }
  bool kept() const { return kept_; }
  std::string_view view() const { return kept_ ? std::string_view(copy_) : view_; }

 private:
  std::string_view view_;
  std::string copy_;
  bool kept_ = false;
};

}  // namespace sluice
