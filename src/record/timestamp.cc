#include "sluice/record/timestamp.h"

#include <chrono>
#include <cstdint>

#include "sluice/base/limits.h"

namespace sluice {
namespace {

constexpr size_t kDateTimeBytes = 19;  // 2026-01-31T23:59:60

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// `count` digits at `at` as a number; -1 when they are not digits.
int Digits(std::string_view text, size_t at, size_t count) {
  int number = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || !IsDigit(text[i])) return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

// So many digits, with leading zeros, and `behind` behind them.
void AppendDigits(int64_t number, size_t count, char behind, std::string& text) {
  const std::string digits = std::to_string(number);
  text.append(count - digits.size(), '0').append(digits) += behind;
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
    while (end < text.size() && IsDigit(text[end])) ++end;
    if (end == 1) return false;
    text.remove_prefix(end);
  }
  return IsOffset(text);
}

std::string UtcText(std::string_view rfc3339) {
  using namespace std::chrono;
  if (!IsRfc3339(rfc3339)) return {};
  const auto two = [&rfc3339](size_t at) { return Digits(rfc3339, at, 2); };
  const year_month_day date(year(Digits(rfc3339, 0, 4)), month(static_cast<unsigned>(two(5))),
                            day(static_cast<unsigned>(two(8))));
  sys_time<microseconds> moment = sys_days(date);
  moment += hours(two(11)) + minutes(two(14)) + seconds(two(17));
  rfc3339.remove_prefix(kDateTimeBytes);
  if (rfc3339.front() == '.') {
    rfc3339.remove_prefix(1);
    for (int unit = 100'000; IsDigit(rfc3339.front()); rfc3339.remove_prefix(1), unit /= 10) {
      moment += microseconds(unit * (rfc3339.front() - '0'));
    }
  }
  if (rfc3339.size() > 1) {  // +hh:mm
    const minutes offset = hours(two(1)) + minutes(two(4));
    moment += rfc3339.front() == '+' ? -offset : offset;
  }
  const auto midnight = floor<days>(moment);
  const year_month_day utc(midnight);
  const hh_mm_ss time(moment - midnight);
  if (!In(static_cast<int>(utc.year()), 1, 9'999)) return {};
  std::string text;
  AppendDigits(static_cast<int>(utc.year()), 4, '-', text);
  AppendDigits(static_cast<unsigned>(utc.month()), 2, '-', text);
  AppendDigits(static_cast<unsigned>(utc.day()), 2, ' ', text);
  AppendDigits(time.hours().count(), 2, ':', text);
  AppendDigits(time.minutes().count(), 2, ':', text);
  AppendDigits(time.seconds().count(), 2, '.', text);
  AppendDigits(time.subseconds().count(), 6, ' ', text);
  text.pop_back();
  return text;
}

}  // namespace sluice
