// Ring<T>: a queue in one array that doubles when full and never shrinks, so a warm one allocates
// nothing. Index 0 is the front. T is default-constructible and movable; popped places are reset.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "sluice/base/check.h"

namespace sluice {

template <typename T>
class Ring {
 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  T& operator[](size_t i) {
    SLUICE_CHECK(i < size_);
    return slots_[Place(i)];
  }
  const T& operator[](size_t i) const {
    SLUICE_CHECK(i < size_);
    return slots_[Place(i)];
  }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  void PushBack(T value) {
    if (size_ == capacity_) Grow();
    slots_[Place(size_)] = std::move(value);
    ++size_;
  }
  T PopFront() {
    SLUICE_CHECK(size_ > 0);
    T value = std::exchange(slots_[first_], T());
    first_ = (first_ + 1) & (capacity_ - 1);
    --size_;
    return value;
  }
  T PopBack() {
    SLUICE_CHECK(size_ > 0);
    T value = std::exchange(slots_[Place(size_ - 1)], T());
    --size_;
    return value;
  }
  // O(size); for the rare paths.
  void Insert(size_t i, T value) {
    SLUICE_CHECK(i <= size_);
    PushBack(std::move(value));
    for (size_t at = size_ - 1; at > i; --at) std::swap((*this)[at], (*this)[at - 1]);
  }
  // The same.
  T Remove(size_t i) {
    SLUICE_CHECK(i < size_);
    for (size_t at = i; at > 0; --at) std::swap((*this)[at], (*this)[at - 1]);
    return PopFront();
  }

 private:
  size_t Place(size_t i) const { return (first_ + i) & (capacity_ - 1); }
  void Grow() {
    const size_t capacity = capacity_ == 0 ? 1 : capacity_ * 2;  // a power of two, for Place
    auto grown = std::make_unique<T[]>(capacity);
    for (size_t i = 0; i < size_; ++i) grown[i] = std::move(slots_[Place(i)]);
    slots_ = std::move(grown);
    first_ = 0;
    capacity_ = capacity;
  }

  std::unique_ptr<T[]> slots_;
  size_t first_ = 0;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace sluice
