// Pool<T>: spare objects of one worker, so that a warm path allocates nothing. `Take` hands out a
// spare or makes one; `Give` keeps it unless `spare_max` are kept already. T needs a default
// constructor and `void Reset()`, which must leave it as good as new (and may keep its memory).
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace sluice {

template <typename T>
class Pool {
 public:
  explicit Pool(size_t spare_max) : spare_max_(spare_max) { spare_.reserve(spare_max); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  std::unique_ptr<T> Take() {
    if (spare_.empty()) return std::make_unique<T>();
    std::unique_ptr<T> object = std::move(spare_.back());
    spare_.pop_back();
    return object;
  }

  void Give(std::unique_ptr<T> object) {
    if (spare_.size() == spare_max_) return;
    object->Reset();
    spare_.push_back(std::move(object));
  }

  size_t spare_count() const { return spare_.size(); }

 private:
  size_t spare_max_;
  std::vector<std::unique_ptr<T>> spare_;
};

}  // namespace sluice
