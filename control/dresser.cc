#include "control/dresser.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "control/fingerprint.h"

namespace airlane {

// Both marks: connections of a process before this one may have either.
Outcome<Recipe> Dresser::find_at_start(const ProxyRecord& proxy) {
  auto recipe = recipe_of(proxy.fp);
  if (!recipe) return recipe;
  if (auto good = kernel_.check_looks(*recipe); !good) return good.error();
  for (const std::uint32_t change : {0U, 1U}) {
    auto set = give(mark_of(proxy.counter_row, change), *recipe);
    if (!set) return set.error();
  }
  return recipe;
}

void Dresser::start(const std::map<std::int64_t, ProxyRecord>& proxies) {
  for (const auto& [id, proxy] : proxies) {
    auto& worn = worn_[proxy.counter_row] = Worn{.dongle = proxy.dongle};
    if (proxy.fp.empty()) continue;
    // Also one that cannot be: a process before this one may still open connections for it, and
    // needs its program for as long as there is none of ours.
    dressed_.insert(proxy.dongle);
    auto recipe = find_at_start(proxy);
    if (recipe) {
      worn.recipe = *std::move(recipe);
      continue;
    }
    worn.trouble = recipe.error().text;
    log::error("proxy " + std::to_string(id) +
               " is closed, because it cannot have its fingerprint " + log::printable(proxy.fp) +
               ": " + worn.trouble);
  }
}

std::uint32_t Dresser::change_for(std::uint32_t row, const Recipe& recipe) const {
  const auto found = worn_.find(row);
  if (found == worn_.end()) return 0;
  const auto& worn = found->second;
  return worn.recipe == recipe ? worn.change : worn.change + 1;
}

Outcome<Done> Dresser::check(const ProxyRecord& proxy) {
  if (proxy.fp.empty()) return Done{};
  const auto recipe = recipe_of(proxy.fp);
  return recipe ? kernel_.check_looks(*recipe) : recipe.error();
}

Outcome<Done> Dresser::prepare(const ProxyRecord& proxy) {
  if (proxy.fp.empty()) return Done{};
  const auto recipe = recipe_of(proxy.fp);
  if (!recipe) return recipe.error();
  return give(mark_of(proxy.counter_row, change_for(proxy.counter_row, *recipe)), *recipe);
}

Outcome<Done> Dresser::give(std::uint32_t mark, const Recipe& recipe) {
  auto set = kernel_.set_looks(mark, recipe);
  if (set) given_.insert(mark);
  return set;
}

void Dresser::follow(const ProxyRecord& proxy) {
  auto recipe = recipe_of(proxy.fp);
  // As prepare() has found it: before the proxy has an entry, if it is a new one.
  const auto change = recipe ? change_for(proxy.counter_row, *recipe) : 0;
  auto& worn = worn_[proxy.counter_row];
  worn.dongle = proxy.dongle;
  worn.trouble.clear();
  if (proxy.fp.empty()) {
    worn.recipe.reset();
    return;
  }
  if (!recipe) {  // Only what has been closed since the start.
    worn.trouble = recipe.error().text;
    return;
  }
  worn.change = change;
  if (!given_.contains(mark_of(proxy.counter_row, change))) {  // It would leave as it is.
    worn.trouble = "The kernel has not been told of it; set it again.";
    worn.recipe.reset();
    return;
  }
  worn.recipe = *std::move(recipe);
}

void Dresser::forget(const ProxyRecord& proxy) { worn_.erase(proxy.counter_row); }

std::string Dresser::trouble_of(const ProxyRecord& proxy) const {
  const auto found = worn_.find(proxy.counter_row);
  if (proxy.fp.empty() || found == worn_.end()) return {};
  if (!found->second.trouble.empty()) return found->second.trouble;
  const auto bare = bare_.find(proxy.dongle);
  return bare == bare_.end() ? std::string() : bare->second;
}

std::optional<Looks> Dresser::looks_of(const ProxyRecord& proxy) const {
  if (proxy.fp.empty()) return Looks{};
  const auto found = worn_.find(proxy.counter_row);
  if (found == worn_.end() || !found->second.recipe || bare_.contains(proxy.dongle)) {
    return std::nullopt;
  }
  const auto& worn = found->second;
  return Looks{mark_of(proxy.counter_row, worn.change), worn.recipe->window_clamp(), worn.change};
}

Outcome<int> Dresser::dress(std::int64_t dongle, const std::string& interface) {
  // Also by proxies that came with the dongle, so that nobody has tried before they were stored.
  const bool has_to_be =
      is_dressed(dongle) || std::any_of(worn_.begin(), worn_.end(), [&](auto& row) {
        return row.second.dongle == dongle && row.second.recipe.has_value();
      });
  auto index = kernel_.attach_looks(interface, ttl_of(dongle));
  if (index) {
    dressed_.insert(dongle);
    bare_.erase(dongle);
  } else if (has_to_be) {
    dressed_.insert(dongle);  // As soon as it can be.
    bare_[dongle] = index.error().text;
  }
  return index;
}

Outcome<int> Dresser::keep_dressed(std::int64_t dongle, const std::string& interface) {
  return is_dressed(dongle) ? dress(dongle, interface) : 0;
}

void Dresser::undress(std::int64_t dongle, const std::string& interface) {
  dressed_.erase(dongle);
  bare_.erase(dongle);
  take_off(interface);
}

void Dresser::take_off(const std::string& interface) {
  const auto detached = kernel_.detach_looks(interface);
  if (!detached) log::warning("interface " + interface + ": " + detached.error().text);
}

// Of the most frequent ones, the lowest.
std::uint8_t Dresser::ttl_of(std::int64_t dongle) const {
  std::map<std::uint8_t, int> found;
  for (const auto& [row, worn] : worn_) {
    if (worn.dongle != dongle) continue;
    if (!worn.recipe) return 0;
    ++found[worn.recipe->wire.ttl];
  }
  std::uint8_t most = 0;
  for (const auto& [ttl, count] : found) {
    if (most == 0 || count > found[most]) most = ttl;
  }
  return most;
}

}  // namespace airlane
