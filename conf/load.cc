#include "conf/load.h"

#include <fcntl.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/unique_fd.h"
#include "conf/schema.h"
#include "conf/suggest.h"
#include "conf/value.h"

namespace airlane::conf {
namespace {

constexpr std::size_t kFileMost = 1 << 20;  // No configuration comes near; a device file does.

std::string dotted(std::string_view table, std::string_view name) {
  return std::string(table) + '.' + std::string(name);
}

// What a value looks like to whoever wrote it.
std::string_view described(const toml::node& node) {
  if (node.is_table()) return "a table";
  if (node.is_array()) return "a list";
  if (node.is_string()) return "text in quotes";
  if (node.is_boolean()) return "true or false";
  if (node.is_integer()) return "a whole number";
  if (node.is_floating_point()) return "a number with a fraction";
  return "a date or time";
}

// One pass over one file; collects the problems and fills the configuration.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  Loaded read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      const auto tables = table_names();
      if (std::find(tables.begin(), tables.end(), key.str()) == tables.end()) {
        blame(key.source(), key.str(), unknown_table(key.str(), node, tables));
      } else if (!node.is_table()) {
        blame(node.source(), key.str(), "is a table: write it as [" + std::string(key.str()) + "]");
      } else {
        read_table(key.str(), *node.as_table());
      }
    }
    if (!config_.control.listen_tls.empty() && config_.control.certificates.empty()) {
      problems_.push_back({file_, 0, 0, "control.listen_tls", "needs control.certificates"});
    }
    if (problems_.empty()) return std::move(config_);
    std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    return std::move(problems_);
  }

 private:
  void blame(const toml::source_region& where, std::string_view key, std::string text) {
    problems_.push_back(
        {file_, where.begin.line, where.begin.column, log::printable(key), std::move(text)});
  }

  void read_table(std::string_view table, const toml::table& values) {
    for (const auto& [name, node] : values) {
      const auto key = dotted(table, name.str());
      const auto all = settings();
      const auto setting = std::find_if(all.begin(), all.end(),
                                        [&](const Setting& known) { return known.key == key; });
      if (setting == all.end()) {
        blame(name.source(), key, unknown_setting(table, name.str()));
      } else {
        read_value(key, setting->field(config_), node);
      }
    }
  }

  void read_value(std::string_view key, const Field& field, const toml::node& node) {
    const auto number = node.value_exact<std::int64_t>();
    const auto* list = node.as_array();
    Objection objection;
    if (number) {
      objection = read_number(field, *number);
    } else if (list != nullptr && shape(field) == Shape::kList) {
      objection = read_list(key, field, *list);
    } else if (node.is_string() && shape(field) == Shape::kText) {
      objection = read_text(field, **node.as_string());
    } else {
      objection = wrong_type(field, node);
    }
    if (objection) blame(node.source(), key, std::move(*objection));
  }

  // Each bad element is blamed where it stands; what is returned is about the list as a whole.
  Objection read_list(std::string_view key, const Field& field, const toml::array& list) {
    read_list_start(field);
    for (const auto& element : list) {
      auto objection = element.is_string() ? read_text(field, **element.as_string())
                       : element.is_table()
                           ? read_table_element(field, *element.as_table())
                           : Objection("has an element that is not text in quotes");
      if (objection) blame(element.source(), key, std::move(*objection));
    }
    return read_list_end(field, list.size());
  }

  static Objection read_table_element(const Field& field, const toml::table& table) {
    std::vector<Pair> pairs;
    for (const auto& [name, node] : table) {
      pairs.emplace_back(name.str(), node.value_exact<std::string_view>());
    }
    return read_pair(field, pairs);
  }

  static std::string wrong_type(const Field& field, const toml::node& node) {
    return "is " + std::string(described(node)) + ", but must be " +
           std::string(expectation(field));
  }

  static std::vector<std::string_view> table_names() {
    std::vector<std::string_view> names;
    for (const auto& setting : settings()) {
      if (names.empty() || names.back() != setting.table()) names.push_back(setting.table());
    }
    return names;
  }

  static std::string unknown_table(std::string_view word, const toml::node& node,
                                   const std::vector<std::string_view>& tables) {
    if (!node.is_table()) {  // A setting that stands above the first [table].
      const auto home = elsewhere(word);
      return "is not in any table" + (home.empty() ? "" : "; did you mean " + home + "?");
    }
    const auto meant = nearest(word, tables);
    return "is an unknown table" + (meant ? "; did you mean [" + std::string(*meant) + "]?" : "");
  }

  static std::string unknown_setting(std::string_view table, std::string_view word) {
    std::vector<std::string_view> names;
    for (const auto& setting : settings()) {
      if (setting.table() == table) names.push_back(setting.name());
    }
    const auto meant = nearest(word, names);
    const auto hint = meant ? dotted(table, *meant) : elsewhere(word);
    return "is an unknown setting" + (hint.empty() ? "" : "; did you mean " + hint + "?");
  }

  // The key of that name in another table: right word, wrong place.
  static std::string elsewhere(std::string_view name) {
    for (const auto& setting : settings()) {
      if (setting.name() == name) return std::string(setting.key);
    }
    return {};
  }

  std::string file_;
  Config config_;
  std::vector<Problem> problems_;
};

// The whole file, or errno.
Result<std::string, int> read_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno;
  std::string text;
  std::array<char, 16384> piece{};
  for (;;) {
    const auto got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > kFileMost) return EFBIG;
  }
}

}  // namespace

std::string Problem::to_string() const {
  std::string prefix = file;
  if (line != 0) prefix += ':' + std::to_string(line) + ':' + std::to_string(column);
  return prefix + ": " + (key.empty() ? "" : key + ": ") + text;
}

Loaded parse(std::string_view text, const std::string& name) {
  try {  // Debian's toml++ says what is wrong by an exception; it ends here.
    return Reader(name).read(toml::parse(text, name));
  } catch (const toml::parse_error& error) {
    const auto where = error.source().begin;
    return std::vector<Problem>{
        {name, where.line, where.column, "", log::printable(error.description())}};
  }
}

Loaded load(const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    return std::vector<Problem>{
        {path, 0, 0, "", "cannot be read: " + std::system_category().message(text.error())}};
  }
  return parse(*text, path);
}

}  // namespace airlane::conf
