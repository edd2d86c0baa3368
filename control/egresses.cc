#include "control/egresses.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"

namespace airlane {
namespace {

// An interface that comes or goes is a dozen messages; one look after the last of them is enough.
constexpr std::chrono::milliseconds kSettling(20);
constexpr std::chrono::seconds kLooking(1);
constexpr std::size_t kLooksMost = 8;  // Every `kLooking`, so that many dongles cost no more.

bool contains(const std::vector<Address>& addresses, const Address& address) {
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](const Address& one) { return one.same_ip(address); });
}

}  // namespace

Egresses::Egresses(Loop& loop, Kernel& kernel, Dresser& dresser, Callback<void()> on_change)
    : kernel_(kernel),
      dresser_(dresser),
      on_change_(on_change),
      soon_(loop, Callback<void()>::to<&Egresses::look_at_noted>(*this)),
      now_and_then_(loop, Callback<void()>::to<&Egresses::look_at_some>(*this)) {}

Egresses::~Egresses() {
  for (const auto& [id, lane] : lanes_) {
    const auto removed = kernel_.remove(lane.plan);
    if (!removed) log::warning("dongle " + lane.name + ": " + removed.error().text);
    dresser_.undress(id, lane.plan.interface);
  }
}

// The watch comes first: what changes while the tables are being made is then not missed.
Outcome<Done> Egresses::start(std::span<const DongleRecord> dongles,
                              std::shared_ptr<const World> before) {
  before_ = std::move(before);
  if (auto watching = kernel_.watch(Watch::OnChange::to<&Egresses::on_kernel_change>(*this),
                                    Watch::OnOverrun::to<&Egresses::on_overrun>(*this));
      !watching) {
    return watching;
  }
  std::vector<EgressPlan> plans;
  for (const auto& dongle : dongles) {
    auto plan = make_egress_plan(dongle.id, dongle.interface, dongle.gateway);
    if (!plan) return plan.error();
    plans.push_back(*std::move(plan));
  }
  if (auto cleaned = kernel_.remove_leftovers(plans); !cleaned) return cleaned;
  for (const auto& dongle : dongles) {
    if (auto added = add(dongle); !added) return added;
  }
  before_.reset();
  look_at_host();
  now_and_then_.start(kLooking);
  return Done{};
}

void Egresses::leave() {
  soon_.cancel();
  now_and_then_.cancel();
  lanes_.clear();
}

// What was up then and is not now may have been another link meanwhile.
std::uint64_t Egresses::first_generation(std::int64_t dongle, bool up) const {
  if (!before_) return 1;
  const auto then = before_->egresses.find(dongle);
  if (then == before_->egresses.end()) return 1;
  return then->second->generation + (then->second->up && !up ? 1 : 0);
}

Outcome<Done> Egresses::add(const DongleRecord& dongle) {
  auto plan = make_egress_plan(dongle.id, dongle.interface, dongle.gateway);
  if (!plan) return plan.error();
  return install(dongle, *std::move(plan), 0);
}

Outcome<Done> Egresses::change(const DongleRecord& dongle) {
  auto plan = make_egress_plan(dongle.id, dongle.interface, dongle.gateway);
  if (!plan) return plan.error();
  auto& lane = lanes_.at(dongle.id);
  lane.exit.lose();
  tell(lane, true);
  const auto generation = lane.exit.egress()->generation + 1;
  if (auto removed = kernel_.remove(lane.plan); !removed) return removed;
  if (lane.plan.interface != plan->interface) dresser_.take_off(lane.plan.interface);
  noted_.erase(dongle.id);
  return install(dongle, *std::move(plan), generation);
}

// A generation of 0 is the first one.
Outcome<Done> Egresses::install(const DongleRecord& dongle, EgressPlan plan,
                                std::uint64_t generation) {
  if (!dresser_.is_dressed(dongle.id)) dresser_.undress(dongle.id, dongle.interface);
  const auto seen = dresser_.keep_dressed(dongle.id, dongle.interface);
  auto state = kernel_.install(plan);
  if (!state) {
    (void)kernel_.remove(plan);
    return state.error();
  }
  if (generation == 0) generation = first_generation(dongle.id, state->up);
  Exit exit(dongle.id, dongle.interface, dongle.gateway, dongle.dns, generation);
  const auto trouble = state->why_not;
  exit.see(*std::move(state));
  auto& lane =
      lanes_.insert_or_assign(dongle.id, Lane{std::move(exit), std::move(plan), dongle.name})
          .first->second;
  lane.bare = !seen;
  if (!seen) log::error("dongle " + dongle.name + ": no fingerprints: " + seen.error().text);
  report(lane, trouble);
  look_at_host();  // Its addresses were the host's until now.
  tell(lane, true);
  return Done{};
}

void Egresses::remove(std::int64_t dongle) {
  const auto lane = lanes_.find(dongle);
  if (lane == lanes_.end()) return;
  const auto removed = kernel_.remove(lane->second.plan);
  if (!removed) log::warning("dongle " + lane->second.name + ": " + removed.error().text);
  dresser_.undress(dongle, lane->second.plan.interface);
  lanes_.erase(lane);
  noted_.erase(dongle);
  look_at_host();
  on_change_();
}

Outcome<Done> Egresses::dress(std::int64_t dongle) {
  const auto lane = lanes_.find(dongle);
  if (lane == lanes_.end()) return Done{};
  const auto seen = dresser_.dress(dongle, lane->second.plan.interface);
  return seen ? Outcome<Done>(Done{}) : seen.error();
}

void Egresses::hold(std::int64_t dongle, DongleState why) {
  const auto lane = lanes_.find(dongle);
  if (lane != lanes_.end()) tell(lane->second, lane->second.exit.hold(why));
}

void Egresses::release(std::int64_t dongle) {
  const auto lane = lanes_.find(dongle);
  if (lane == lanes_.end()) return;
  look(lane->second);
  tell(lane->second, lane->second.exit.release());
}

const Exit* Egresses::find(std::int64_t dongle) const {
  const auto lane = lanes_.find(dongle);
  return lane == lanes_.end() ? nullptr : &lane->second.exit;
}

std::shared_ptr<const ExitView> Egresses::view(std::int64_t dongle) const {
  const auto lane = lanes_.find(dongle);
  return lane == lanes_.end() ? nullptr : lane->second.view;
}

WorldMaker::Egresses Egresses::all() const {
  WorldMaker::Egresses all;
  for (const auto& [id, lane] : lanes_) all.emplace(id, lane.exit.egress());
  return all;
}

std::vector<Address> Egresses::forbidden() const {
  std::vector<Address> all;
  for (const auto& [id, lane] : lanes_) {
    for (const auto& address : lane.exit.forbidden()) {
      if (!contains(all, address)) all.push_back(address);  // Twins share theirs.
    }
  }
  return all;
}

void Egresses::on_kernel_change(const Change& change) {
  look_soon();
  for (auto& [id, lane] : lanes_) {
    if (lane.plan.interface != change.interface) continue;
    noted_.insert(id);
    if (change.lost) {
      log::debug("dongle " + lane.name + ": the kernel took its link, address or route away");
      tell(lane, lane.exit.lose());
    }
  }
}

void Egresses::on_overrun() {
  log::warning(
      "The kernel had more news of interfaces than we could read; looking at all of them.");
  for (const auto& [id, lane] : lanes_) noted_.insert(id);
  look_soon();
}

// The first message starts the time: endless chatter must not put the look off for ever.
void Egresses::look_soon() {
  if (!std::exchange(looking_soon_, true)) soon_.start(kSettling);
}

void Egresses::look_at_noted() {
  looking_soon_ = false;
  for (const auto id : std::exchange(noted_, {})) {
    const auto lane = lanes_.find(id);
    if (lane != lanes_.end()) look(lane->second);
  }
  look_at_host();
}

void Egresses::look_at_some() {
  now_and_then_.start(kLooking);
  for (std::size_t looks = 0; looks < std::min(kLooksMost, lanes_.size()); ++looks) {
    auto lane = lanes_.upper_bound(looked_at_last_);
    if (lane == lanes_.end()) lane = lanes_.begin();
    looked_at_last_ = lane->first;
    look(lane->second);
  }
  look_at_host();
}

// An interface that came between the two calls is not seen yet.
Outcome<EgressState> Egresses::install(Lane& lane) {
  const auto dongle = lane.exit.egress()->dongle;
  const auto seen = dresser_.keep_dressed(dongle, lane.plan.interface);
  const bool was_bare = std::exchange(lane.bare, !seen);
  if (lane.bare && !was_bare) {
    noted_.insert(dongle);
    look_soon();
    log::error("dongle " + lane.name + ": no fingerprints: " + seen.error().text);
    (void)lane.exit.lose();
    on_change_();
    return seen.error();
  }
  if (lane.bare != was_bare) on_change_();
  auto state = kernel_.install(lane.plan);
  if (state && seen && dresser_.is_dressed(dongle) && state->index != *seen) {
    static_cast<void>(dresser_.keep_dressed(dongle, lane.plan.interface));  // It remembers.
  }
  return state;
}

void Egresses::look(Lane& lane) {
  auto state = install(lane);
  const auto trouble = state ? state->why_not : state.error().text;
  tell(lane, lane.exit.see(state ? *std::move(state) : EgressState{}));
  report(lane, trouble);
}

void Egresses::tell(Lane& lane, bool changed) {
  lane.view->set(lane.exit.egress(), lane.exit.seen().up);
  if (changed) on_change_();
}

void Egresses::look_at_host() {
  const auto found = kernel_.addresses();
  if (!found) return log::warning("The host's addresses: " + found.error().text);
  std::vector<Address> addresses;
  for (const auto& address : *found) {
    if (!is_dongle(address.interface)) addresses.push_back(address.ip);
  }
  if (addresses == host_addresses_) return;
  host_addresses_ = std::move(addresses);
  on_change_();
}

void Egresses::report(Lane& lane, std::string trouble) {
  if (trouble.empty()) trouble = lane.exit.lacks();
  if (trouble == lane.trouble) return;
  log::info("dongle " + lane.name + ": " + (trouble.empty() ? "up" : "down: " + trouble));
  lane.trouble = std::move(trouble);
}

bool Egresses::is_dongle(const std::string& interface) const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [&](const auto& entry) { return entry.second.plan.interface == interface; });
}

}  // namespace airlane
