#include "record/timestamp.h"

#include "sluice/base/limits.h"

namespace sluice {
namespace {

// `count` digits at `at` as a number; -1 when they are not digits.
int Digits(std::string_view text, size_t at, size_t count) {
  int number = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

bool In(int number, int low, int high) { return number >= low && number <= high; }

int DaysIn(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool IsOffset(std::string_view text) {
  if (text == "Z" || text == "z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && In(Digits(text, 1, 2), 0, 23) &&
         text[3] == ':' && In(Digits(text, 4, 2), 0, 59);
}

}  // namespace

bool IsRfc3339(std::string_view text) {
  constexpr size_t kDateTimeBytes = 19;  // 2026-01-31T23:59:60
  if (text.size() <= kDateTimeBytes || text.size() > kScalarBytesMax) return false;
  const int year = Digits(text, 0, 4);
  const int month = Digits(text, 5, 2);
  const int day = Digits(text, 8, 2);
  if (year < 0 || text[4] != '-' || !In(month, 1, 12) || text[7] != '-') return false;
  if (!In(day, 1, DaysIn(year, month)) || (text[10] != 'T' && text[10] != 't')) return false;
  if (!In(Digits(text, 11, 2), 0, 23) || text[13] != ':') return false;
  if (!In(Digits(text, 14, 2), 0, 59) || text[16] != ':') return false;
  if (!In(Digits(text, 17, 2), 0, 60)) return false;  // 60: a leap second
  text.remove_prefix(kDateTimeBytes);
  if (text.front() == '.') {
    size_t end = 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end == 1) return false;
    text.remove_prefix(end);
  }
  return IsOffset(text);
}

}  // namespace sluice
