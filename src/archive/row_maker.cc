#include "archive/row_maker.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

#include "sluice/base/limits.h"
#include "sluice/base/utf8.h"
#include "sluice/record/record_sink.h"
#include "sluice/record/timestamp.h"

namespace sluice {
namespace {

constexpr std::string_view kPackedField = "records";

ColumnType TypeOf(FieldType type) {
  switch (type) {
    case FieldType::kString:
      return ColumnType::kText;
    case FieldType::kInt32:
      return ColumnType::kInt32;
    case FieldType::kInt64:
      return ColumnType::kInt64;
    case FieldType::kDouble:
      return ColumnType::kDouble;
    case FieldType::kBool:
      return ColumnType::kBool;
    case FieldType::kTimestamp:
      return ColumnType::kTimestamp;
  }
  return ColumnType::kText;
}

std::optional<size_t> TimeColumn(const std::vector<Field>& fields) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].type == FieldType::kTimestamp) return i;
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].type == FieldType::kInt64 && fields[i].required && !fields[i].key) return i;
  }
  return std::nullopt;
}

// What a database would cut, or keep and nobody could read.
std::string StringProblem(const Field& field, std::string_view text) {
  if (text.size() > field.bytes_max) {
    return "is longer than " + std::to_string(field.bytes_max) + " bytes";
  }
  return FindInvalidUtf8(text) != std::string_view::npos ? "is not UTF-8" : "";
}

template <typename Integer>
bool IsInteger(std::string_view text) {
  Integer number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// The double that a JSON number is, in the shortest form that is that double: databases differ in
// what else they read. Empty: it is no finite number.
std::string DoubleText(std::string_view text) {
  if (text.find_first_not_of("+-.0123456789Ee") != std::string_view::npos) return {};
  const std::string ended(text);
  char* end = nullptr;
  const double number = std::strtod(ended.c_str(), &end);
  if (text.empty() || end != ended.c_str() + ended.size() || !std::isfinite(number)) return {};
  std::array<char, 32> shortest;
  const auto shown = std::to_chars(shortest.data(), shortest.data() + shortest.size(), number);
  return {shortest.data(), shown.ptr};
}

// As table.h wants it; none: the text is not of the type.
std::optional<std::string> ValueText(FieldType type, std::string_view text) {
  const auto unless_empty = [](std::string value) {
    return value.empty() ? std::nullopt : std::optional(std::move(value));
  };
  switch (type) {
    case FieldType::kString:
      return std::string(text);
    case FieldType::kInt32:
      return unless_empty(IsInteger<int32_t>(text) ? std::string(text) : "");
    case FieldType::kInt64:
      return unless_empty(IsInteger<int64_t>(text) ? std::string(text) : "");
    case FieldType::kDouble:
      return unless_empty(DoubleText(text));
    case FieldType::kBool:
      return unless_empty(text == "true" ? "1" : text == "false" ? "0" : "");
    case FieldType::kTimestamp:
      return unless_empty(UtcText(text));
  }
  return std::nullopt;
}

// Appends one row; otherwise the reason why it cannot be one. Null values are absent.
std::string AppendRow(const Schema& schema, std::string id,
                      std::span<const std::string_view> values, std::vector<Row>& rows) {
  Row row{.entry_id = std::move(id), .values = {}};
  row.values.reserve(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const Field& field = schema.fields()[i];
    std::optional<std::string>& value = row.values.emplace_back();
    if (values[i].data() == nullptr) {
      if (field.required) return "field " + field.name + " is missing";
      continue;
    }
    if (field.type == FieldType::kString) {
      const std::string problem = StringProblem(field, values[i]);
      if (!problem.empty()) return "field " + field.name + " " + problem;
    }
    value = ValueText(field.type, values[i]);
    if (!value) return "field " + field.name + " is no " + std::string(FieldTypeName(field.type));
  }
  rows.push_back(std::move(row));
  return {};
}

// The one record of a line, as the decoder finds it, becomes a row.
class RowSink final : public RecordSink {
 public:
  RowSink(const Schema& schema, std::string id, std::vector<Row>& rows)
      : schema_(schema), id_(std::move(id)), rows_(rows) {}

  void Begin(uint32_t, const RequestKey*) override {}
  void Append(std::span<const std::string_view> values) override {
    reason_ = AppendRow(schema_, id_, values, rows_);
  }
  void AppendAlert(uint32_t, std::span<const std::string_view>) override {}
  size_t Finish() override { return 0; }
  void Commit(const Ticket&) override {}
  void Rollback() override {}
  void SendAlerts() override {}
  size_t unsettled_bytes() const override { return 0; }

  const std::string& reason() const { return reason_; }  // empty: it is a row

 private:
  const Schema& schema_;
  const std::string id_;
  std::vector<Row>& rows_;
  std::string reason_;
};

}  // namespace

Table TableOf(const std::string& stream, const Schema& schema) {
  Table table{.name = stream,
              .columns = {},
              .key_column = schema.key_field(),
              .time_column = TimeColumn(schema.fields())};
  for (const Field& field : schema.fields()) {
    table.columns.push_back({.name = field.name,
                             .type = TypeOf(field.type),
                             .required = field.required,
                             .bytes_max = field.bytes_max});
  }
  return table;
}

RowMaker::RowMaker(const Schema& schema, std::string id_suffix)
    : schema_(schema),
      id_suffix_(std::move(id_suffix)),
      may_be_packed_(schema.Find(kPackedField) == Schema::kNotFound) {}

void RowMaker::Append(Entry entry, std::vector<Row>& rows, std::vector<DeadLetter>& letters) {
  entry.id += id_suffix_;
  if (may_be_packed_ && entry.fields.size() == 1 && entry.fields[0].first == kPackedField) {
    return AppendLines(entry, rows, letters);
  }
  std::string reason = AppendRecord(entry, rows);
  if (reason.empty()) return;
  letters.push_back({std::move(entry.id), std::move(reason), std::move(entry.fields)});
}

// Otherwise the reason why it is no row.
std::string RowMaker::AppendRecord(const Entry& entry, std::vector<Row>& rows) const {
  const std::vector<Field>& fields = schema_.fields();
  std::vector<std::string_view> values(fields.size());
  size_t place = 0;  // the gate writes fields in schema order
  for (const auto& [name, value] : entry.fields) {
    while (place < fields.size() && fields[place].name != name) ++place;
    if (place == fields.size()) {
      for (place = 0; place < fields.size() && fields[place].name != name;) ++place;
    }
    if (place == fields.size()) return "field " + name + " is not in the schema";
    if (values[place].data() != nullptr) return "field " + name + " is there twice";
    values[place] = value;
  }
  return AppendRow(schema_, entry.id, values, rows);
}

void RowMaker::AppendLines(const Entry& entry, std::vector<Row>& rows,
                           std::vector<DeadLetter>& letters) {
  std::string_view lines = entry.fields[0].second;
  size_t count = 0;
  do {
    const size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    std::string id = entry.id + ":" + std::to_string(count++);
    std::string reason = AppendLine(id, line, rows);
    if (!reason.empty()) {
      NamesAndValues fields = {{std::string(kPackedField), std::string(line)}};
      letters.push_back({std::move(id), std::move(reason), std::move(fields)});
    }
    lines.remove_prefix(std::min(end + 1, lines.size()));
  } while (!lines.empty());
}

std::string RowMaker::AppendLine(std::string id, std::string_view line, std::vector<Row>& rows) {
  line_.assign(line);
  line_.append(kJsonPaddingBytes, ' ');
  RowSink sink(schema_, std::move(id), rows);
  const std::string_view body = std::string_view(line_).substr(0, line.size());
  if (decoder_.Decode(schema_, {}, BodyShape::kLines, body, sink) > 0) return sink.reason();
  const RecordError& error = decoder_.errors().list().front();
  return error.pointer.empty() ? error.detail : error.pointer + " " + error.detail;
}

NamesAndValues RowMaker::FieldsOf(const Row& row) const {
  NamesAndValues fields;
  for (size_t i = 0; i < row.values.size(); ++i) {
    if (row.values[i]) fields.emplace_back(schema_.fields()[i].name, *row.values[i]);
  }
  return fields;
}

}  // namespace sluice
