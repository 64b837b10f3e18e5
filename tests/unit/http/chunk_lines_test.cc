#include "sluice/http/chunk_lines.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr size_t kBound = 100;

TEST(ChunkLinesTest, SmallChunksAreFreeHoweverMany) {
  ChunkLines lines;
  for (int chunk = 0; chunk < 100'000; ++chunk) {
    ASSERT_TRUE(lines.Fit(5, kBound));
    lines.Take(5, 1);
  }
}

TEST(ChunkLinesTest, OneMayBeAsLongAsTheBoundAndWhatIsFree) {
  const ChunkLines lines;
  EXPECT_TRUE(lines.Fit(kBound + kChunkLineBytesFree, kBound));
  EXPECT_FALSE(lines.Fit(kBound + kChunkLineBytesFree + 1, kBound));
}

TEST(ChunkLinesTest, WhatIsBeyondFreeAddsUp) {
  ChunkLines lines;
  for (int chunk = 0; chunk < 8; ++chunk) {
    ASSERT_TRUE(lines.Fit(kChunkLineBytesFree + 2 + 10, kBound));
    lines.Take(kChunkLineBytesFree + 2 + 10, 1);
  }
  EXPECT_TRUE(lines.Fit(kChunkLineBytesFree + 20, kBound));
  EXPECT_FALSE(lines.Fit(kChunkLineBytesFree + 21, kBound));
  lines.Clear();
  EXPECT_TRUE(lines.Fit(kChunkLineBytesFree + kBound, kBound));
}

TEST(ChunkLinesTest, DataPaysForTwiceItsSizeHoweverItIsCut) {
  ChunkLines whole;
  ChunkLines cut;
  whole.Take(kChunkLineBytesFree + 60, 20);
  cut.Take(kChunkLineBytesFree + 60, 5);
  cut.Take(0, 15);
  for (const ChunkLines* lines : {&whole, &cut}) {
    EXPECT_TRUE(lines->Fit(kChunkLineBytesFree + 80, kBound));
    EXPECT_FALSE(lines->Fit(kChunkLineBytesFree + 81, kBound));
  }
}

TEST(ChunkLinesTest, NothingIsSavedForLater) {
  ChunkLines lines;
  lines.Take(3, 1'000'000);
  EXPECT_FALSE(lines.Fit(kBound + kChunkLineBytesFree + 1, kBound));
}

}  // namespace
}  // namespace sluice
