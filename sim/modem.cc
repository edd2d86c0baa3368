#include "sim/modem.h"

#include <utility>

#include "base/log.h"

namespace airlane::sim {
namespace {

constexpr std::size_t kHeardMax = 200;
constexpr std::size_t kPathMax = 200;
// So that the answer to "reboot" leaves before the link does.
constexpr std::chrono::milliseconds kSoon{100};

void report(const Outcome<Done>& outcome) {
  if (!outcome) log::error(outcome.error().text);
}

// "OK", the number of an <error>, or the status.
std::string summary(const Reply& reply) {
  if (reply.ending == Reply::Ending::kHang) return "none";
  if (reply.status != 200) return "HTTP " + std::to_string(reply.status);
  if (reply.body.find("<error>") == std::string::npos) return "OK";
  return std::string(xml_text(reply.body, "code"));
}

}  // namespace

Outcome<std::unique_ptr<Modem>> Modem::create(World& world, int index, std::string interface,
                                              const Settings& settings) {
  auto space = Namespace::create();
  if (!space) return space.error();
  if (world.ipv6) space->enable_ipv6();
  Wire wire{index, getpid(), std::move(interface), space->path(), world.ipv6};
  return std::unique_ptr<Modem>(new Modem(world, std::move(*space), std::move(wire), settings));
}

Modem::Modem(World& world, Namespace space, Wire wire, const Settings& settings)
    : world_(world),
      space_(std::move(space)),
      wire_(std::move(wire)),
      settings_(settings),
      ip_(world.pool.take()),
      hilink_(wire_.index, *this, settings_),
      attach_timer_(world.loop, Callback<void()>::to<&Modem::finish_attach>(*this)),
      power_timer_(world.loop, Callback<void()>::to<&Modem::on_power_time>(*this)) {}

Outcome<Done> Modem::start(bool with_api) {
  space_.sysctl("ipv4/ip_forward", "1");
  space_.sysctl("ipv4/icmp_ratelimit", "0");
  if (wire_.ipv6) space_.sysctl("ipv6/conf/all/forwarding", "1");
  const auto batch = "link set lo up\n" + plug_in_modem(wire_) + attach_in_modem(wire_, ip_);
  if (auto ran = space_.ip(batch); !ran) return ran;
  if (auto ran = space_.nft(modem_firewall(wire_.ipv6)); !ran) return ran;
  attached_ = Attached::kYes;

  const Inside inside(space_);
  auto& loop = world_.loop;
  const auto dns = *Address::parse(kModemAddress, 53);
  auto udp = bind_udp(dns);
  auto tcp = listen_tcp(dns);
  auto upstream = open_udp();
  auto http = with_api ? listen_tcp(*Address::parse(kModemAddress, 80)) : UniqueFd();
  if (!udp || !tcp || !upstream || (with_api && !http)) {
    return Failure{Failure::Kind::kInternal,
                   "cannot open the modem's sockets of " + wire_.interface};
  }
  dns_.emplace(loop, space_, std::move(udp), std::move(tcp), std::move(upstream));
  if (http) api_.emplace(loop, std::move(http), HttpServer::Handler::to<&Modem::answer>(*this));
  tell_name_server();
  return Done();
}

Reply Modem::answer(const HttpRequest& request) {
  auto reply = hilink_.answer(request, Monotonic::now());
  if (heard_.size() == kHeardMax) heard_.pop_front();
  const auto path = request.path().substr(0, kPathMax);
  heard_.push_back({request.method, std::string(path), summary(reply)});
  return reply;
}

Radio::Connection Modem::connection() const {
  if (attached_ == Attached::kYes) return Connection::kConnected;
  return attached_ == Attached::kBegun ? Connection::kConnecting : Connection::kDisconnected;
}

std::string Modem::external_ip() const { return attached_ == Attached::kYes ? ip_ : ""; }

void Modem::begin_attach() {
  if (power_ != Power::kOn || !data_enabled_ || attached_ == Attached::kYes) return;
  attached_ = Attached::kBegun;
  was_away_ = Monotonic::now() - detached_at_ >= settings_.keep;
  attach_timer_.start(settings_.rotate);
}

void Modem::finish_attach() {
  if (!covered_) return;  // Stays "connecting" until there is coverage again.
  if (was_away_ && world_.pool.percent() >= settings_.same_ip) {
    world_.pool.give_back(std::exchange(ip_, world_.pool.take()));
  }
  report(world_.internet.ip(attach_in_internet(wire_, ip_)));
  report(space_.ip(attach_in_modem(wire_, ip_)));
  report(space_.nft(unblock_in_modem()));
  attached_ = Attached::kYes;
  tell_name_server();
}

void Modem::detach() {
  attach_timer_.cancel();
  if (std::exchange(attached_, Attached::kNo) != Attached::kYes) return;
  detached_at_ = Monotonic::now();
  tell_name_server();
  report(space_.nft(block_in_modem(settings_.offline_reject)));
  report(space_.ip(detach_in_modem()));
  report(world_.internet.ip(detach_in_internet(wire_, ip_)));
}

void Modem::tell_name_server() {
  const auto offline =
      settings_.offline_dns_fails ? DnsForwarder::State::kFailing : DnsForwarder::State::kSilent;
  dns_->set_state(attached_ == Attached::kYes ? DnsForwarder::State::kOnline : offline);
}

void Modem::settings_changed() {
  tell_name_server();
  if (attached_ != Attached::kYes) report(space_.nft(block_in_modem(settings_.offline_reject)));
}

void Modem::plug() {
  if (power_ == Power::kOn) return;
  power_timer_.cancel();
  power_ = Power::kOn;
  report(world_.host.ip(plug_in_host(wire_)));
  report(space_.ip(plug_in_modem(wire_)));
  data_enabled_ = true;
  begin_attach();
}

void Modem::unplug() {
  power_timer_.cancel();
  soon_ = Soon::kNothing;
  if (std::exchange(power_, Power::kOff) == Power::kOn) {
    report(world_.host.ip(unplug_in_host(wire_)));
    if (api_) api_->drop_all();  // Nobody hears of it: the link is gone.
  }
  detach();
  hilink_.forget();
}

void Modem::reboot_now() {
  unplug();
  power_ = Power::kRebooting;
  power_timer_.start(settings_.reboot);
}

void Modem::on_power_time() {
  if (power_ == Power::kRebooting) return plug();
  const auto soon = std::exchange(soon_, Soon::kNothing);
  if (soon == Soon::kReboot) reboot_now();
  if (soon == Soon::kPowerOff) unplug();
}

void Modem::rotate() {
  detach();
  data_enabled_ = true;
  begin_attach();
}

void Modem::set_coverage(bool covered) {
  covered_ = covered;
  if (!covered) detach();
  begin_attach();
}

void Modem::enable_data(bool on) {
  data_enabled_ = on;
  if (!on) return detach();
  if (attached_ == Attached::kNo) begin_attach();
}

void Modem::reattach() {
  detach();
  begin_attach();
}

void Modem::reboot() {
  soon_ = Soon::kReboot;
  power_timer_.start(kSoon);
}

void Modem::power_off() {
  soon_ = Soon::kPowerOff;
  power_timer_.start(kSoon);
}

}  // namespace airlane::sim
