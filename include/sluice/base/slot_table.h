// SlotTable<T>: objects found by index and generation. A handle to an object that has gone, even if
// its index is in use again, finds nothing: a late answer meets a null pointer, never a stranger.
// Owns its objects; one thread; lookups O(1); a freed index is reused last-in first-out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sluice/base/check.h"

namespace sluice {

struct SlotHandle {
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t index = kNone;
  uint32_t generation = 0;
};

template <typename T>
class SlotTable {
 public:
  SlotTable() = default;
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;

  // Reserves the handle first, so that the object can be told its own.
  SlotHandle Reserve() {
    if (free_.empty()) {
      free_.push_back(static_cast<uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    return {index, slots_[index].generation};
  }

  void Put(SlotHandle handle, std::unique_ptr<T> object) {
    Slot& slot = slots_[handle.index];
    SLUICE_CHECK(slot.generation == handle.generation && !slot.object);
    slot.object = std::move(object);
    ++size_;
  }

  T* Find(SlotHandle handle) const {
    if (handle.index >= slots_.size()) return nullptr;
    const Slot& slot = slots_[handle.index];
    return slot.generation == handle.generation ? slot.object.get() : nullptr;
  }

  std::unique_ptr<T> Remove(SlotHandle handle) {
    SLUICE_CHECK(Find(handle) != nullptr);
    Slot& slot = slots_[handle.index];
    ++slot.generation;
    --size_;
    free_.push_back(handle.index);
    return std::move(slot.object);
  }

  // Calls f(T&) for each object; f may remove the object it was given, and no other.
  template <typename F>
  void ForEach(F&& f) {
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].object) f(*slots_[i].object);
    }
  }

  size_t size() const { return size_; }

 private:
  struct Slot {
    std::unique_ptr<T> object;
    uint32_t generation = 0;
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  size_t size_ = 0;
};

}  // namespace sluice
