#include "sluice/base/histogram.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace sluice {
namespace {

constexpr std::array<uint64_t, 3> kBounds = {10, 20, 50};

std::vector<uint64_t> BucketsAfter(const std::vector<uint64_t>& values) {
  Histogram histogram(kBounds);
  for (const uint64_t value : values) histogram.Observe(value);
  std::vector<uint64_t> buckets;
  for (size_t i = 0; i <= kBounds.size(); ++i) buckets.push_back(histogram.bucket(i));
  return buckets;
}

TEST(HistogramTest, ABoundBelongsToItsOwnBucket) {
  EXPECT_EQ(BucketsAfter({10}), (std::vector<uint64_t>{1, 0, 0, 0}));
  EXPECT_EQ(BucketsAfter({11}), (std::vector<uint64_t>{0, 1, 0, 0}));
  EXPECT_EQ(BucketsAfter({20}), (std::vector<uint64_t>{0, 1, 0, 0}));
  EXPECT_EQ(BucketsAfter({50}), (std::vector<uint64_t>{0, 0, 1, 0}));
}

TEST(HistogramTest, TheEndsHaveBucketsToo) {
  EXPECT_EQ(BucketsAfter({0, 1}), (std::vector<uint64_t>{2, 0, 0, 0}));
  EXPECT_EQ(BucketsAfter({51, UINT64_MAX}), (std::vector<uint64_t>{0, 0, 0, 2}));
}

TEST(HistogramTest, SumsWhatItSaw) {
  Histogram histogram(kBounds);
  for (const uint64_t value : {5u, 15u, 1'000u}) histogram.Observe(value);
  EXPECT_EQ(histogram.sum(), 1'020u);
  EXPECT_EQ(histogram.bounds().size(), kBounds.size());
}

TEST(HistogramTest, HoldsUpToBucketsMaxBounds) {
  std::vector<uint64_t> bounds;
  for (uint64_t i = 0; i < Histogram::kBucketsMax; ++i) bounds.push_back(i);
  Histogram histogram(bounds);
  histogram.Observe(Histogram::kBucketsMax);
  EXPECT_EQ(histogram.bucket(Histogram::kBucketsMax), 1u);
  bounds.push_back(Histogram::kBucketsMax);
  EXPECT_DEATH(Histogram{bounds}, "invariant broken");
}

TEST(HistogramDeathTest, ItsBoundsAscend) {
  static constexpr std::array<uint64_t, 2> kFalling = {20, 10};
  EXPECT_DEATH(Histogram{kFalling}, "invariant broken");
}

}  // namespace
}  // namespace sluice
