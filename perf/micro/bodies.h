// The bodies that are measured, as perf/wrk/*.lua make them, but the same in every run; and the
// requests that carry them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/random.h"

namespace sluice::micro {

inline std::string Digits(uint64_t number, size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - digits.size(), '0') + digits;
}

// As load.lua's: none raises an alert. `device` is what stands before the device's six digits.
inline std::string Reading(uint64_t number, std::string_view device = "dev-") {
  Random random(number);
  const auto between = [&random](uint64_t least, uint64_t most) {
    return std::to_string(least + random.Below(most - least + 1));
  };
  std::string json = R"({"device_id":")" + std::string(device) + Digits(number % 1'000'000, 6);
  json += R"(","timestamp":)" + std::to_string(1'767'225'600'000 + number);
  json += R"(,"heart_rate":)" + between(50, 140) + "." + between(0, 9);
  json += R"(,"blood_oxygen":)" + between(90, 100) + "}";
  return json;
}

// What simdjson must read: the same device's name, with its hyphen as an escape.
inline constexpr std::string_view kEscapedDevice = R"(dev\u002d)";

inline std::string Readings(uint64_t first, size_t count, std::string_view device = "dev-") {
  std::string json;
  for (size_t i = 0; i < count; ++i) json += (i == 0 ? "[" : ",") + Reading(first + i, device);
  return json + "]";
}

// NDJSON.
inline std::string ReadingLines(uint64_t first, size_t count) {
  std::string lines;
  for (size_t i = 0; i < count; ++i) lines += Reading(first + i) + "\n";
  return lines;
}

// As questionnaires.lua's: of one patient.
inline std::string Answers(size_t count) {
  std::string json;
  for (size_t i = 1; i <= count; ++i) {
    json += i == 1 ? "[" : ",";
    json += R"({"patient_id":"pat-01-000000042","question_id":"q-)" + Digits(i, 2);
    json += R"(","answer":)" + std::to_string(i % 5);
    json += R"(,"submit_time":"2026-01-01T08:)" + Digits(i % 60, 2) + R"(:00Z"})";
  }
  return json + "]";
}

// As wrk writes it. `fields` are further ones, each with its CRLF.
inline std::string Post(std::string_view path, std::string_view body,
                        std::string_view fields = {}) {
  std::string request = "POST " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n";
  request += "Content-Type: application/json\r\n" + std::string(fields);
  request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return request + std::string(body);
}

}  // namespace sluice::micro
