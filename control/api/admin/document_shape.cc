#include "control/api/admin/account_fields.h"
#include "control/api/admin/document.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

constexpr std::string_view kFormats[] = {"airlane"};

constexpr Field text(std::string_view name, std::string_view meaning) {
  return {.name = name, .use = Field::kOnce, .required = true, .meaning = meaning};
}
constexpr Field of(Kind kind, std::string_view name, std::string_view meaning) {
  return {.name = name, .kind = kind, .use = Field::kOnce, .required = true, .meaning = meaning};
}
constexpr Field time_or_null(std::string_view name, std::string_view meaning) {
  return {.name = name,
          .kind = Kind::kTime,
          .use = Field::kOnce,
          .nullable = true,
          .fallback = "null",
          .meaning = meaning};
}
constexpr Field number(std::string_view name, std::string_view meaning, std::int64_t most) {
  return {.name = name,
          .kind = Kind::kWhole,
          .use = Field::kOnce,
          .required = true,
          .meaning = meaning,
          .least = 1,
          .most = most};
}
constexpr Field choice(std::string_view name, std::span<const std::string_view> choices) {
  return {.name = name, .use = Field::kOnce, .required = true, .choices = choices};
}

constexpr Field kKeyFields[] = {
    text("name", "Of the key."),
    text("key_hash", "The SHA-256 of the key, which nobody knows but its user."),
    of(Kind::kTexts, "scopes", "`read`, `rotate`, `reboot`, `admin`."),
    of(Kind::kTime, "created", "When it was made."),
    time_or_null("expires", "Null: never."),
    time_or_null("last_used", "Null: not yet."),
};
constexpr Shape kKey{"StoredKey", kKeyFields};

constexpr Field kUserFields[] = {
    text("name", "What he logs in with."),
    text("password_hash", "By scrypt."),
    text("api_key", "The key that `get_key` answers with, in the clear."),
    of(Kind::kFlag, "admin", "Whether he manages everything."),
    of(Kind::kFlag, "api", "Whether he may use the REST API."),
    of(Kind::kTime, "created", "When he was added."),
    {.name = "keys",
     .kind = Kind::kObjects,
     .use = Field::kOnce,
     .required = true,
     .meaning = "His named keys.",
     .shape = &kKey},
};
constexpr Shape kUser{"StoredUser", kUserFields};

constexpr Field kDongleFields[] = {
    text("name", "Of the dongle."),
    text("interface", "The network interface."),
    text("driver", "How to talk to the modem."),
    {.name = "gateway",
     .use = Field::kOnce,
     .nullable = true,
     .fallback = "null",
     .meaning = "The address of the modem."},
    of(Kind::kTexts, "dns", "Name servers, each with its port."),
    text("isp", "The carrier."),
    of(Kind::kTextMap, "options", "Of the driver; passwords in the clear."),
    of(Kind::kTime, "created", "When it was added."),
    time_or_null("rotated_at", "The end of its last rotation."),
};
constexpr Shape kDongle{"StoredDongle", kDongleFields};

constexpr Field kTrafficFields[] = {
    of(Kind::kTexts, "days", "`2026-11-28T00:00:00Z 12345 678`: bytes in and out."),
    of(Kind::kTexts, "hours", "The same of hours."),
    of(Kind::kTexts, "minutes", "And of minutes, of the hour that ran."),
};
constexpr Shape kTraffic{"StoredTraffic", kTrafficFields};
constexpr Field kTrafficField{.name = "traffic",
                              .kind = Kind::kObject,
                              .use = Field::kOnce,
                              .optional = true,
                              .meaning = "What it has moved; absent where it was not asked for.",
                              .shape = &kTraffic};

constexpr Field kQuotaFields[] = {
    of(Kind::kWhole, "bytes", "What may move in a period."),
    choice("period", kQuotaPeriodNames),
    text("time_zone", "Of the period."),
    choice("action", kQuotaActionNames),
    of(Kind::kWhole, "rate", "Bytes per second, of the action `throttle`; else 0."),
};
constexpr Shape kQuota{"StoredQuota", kQuotaFields};
constexpr Field kQuotaField{.name = "quota",
                            .kind = Kind::kObject,
                            .use = Field::kOnce,
                            .nullable = true,
                            .fallback = "null",
                            .meaning = "How much it may move.",
                            .shape = &kQuota};
constexpr Field kLimitsField{.name = "limits",
                             .kind = Kind::kObject,
                             .use = Field::kOnce,
                             .required = true,
                             .meaning = "What it may use.",
                             .shape = &kLimitsShape};

// Whole in every client's numbers, and far from where the database has no next one.
constexpr std::int64_t kIdMost = (std::int64_t{1} << 53) - 1;

constexpr Field kCredentialFields[] = {
    number("id", "It is kept.", kIdMost),
    text("name", "What its clients log in with."),
    text("password", "In the clear."),
    of(Kind::kFlag, "enabled", "Whether it lets anybody in."),
    time_or_null("in_use_from", "The beginning of its time."),
    time_or_null("in_use_till", "And its end."),
    of(Kind::kTexts, "src_whitelist", "Networks."),
    choice("src_whitelist_mode", kWhitelistModeNames),
    kQuotaField,
    kLimitsField,
    kTrafficField,
};
constexpr Shape kCredential{"StoredCredential", kCredentialFields};

constexpr Field kLinkFields[] = {
    text("token_hash", "The SHA-256 of its token."),
    of(Kind::kTime, "created", "When it was made."),
};
constexpr Shape kLink{"StoredLink", kLinkFields};

constexpr Field kProxyFields[] = {
    number("id", "It is kept: customers name their proxies by it.", kIdMost),
    number("port", "The public port.", 65'535),
    text("user", "Whose it is; among `users`."),
    text("dongle", "What it leaves by; among `dongles`."),
    text("username", "What clients log in with."),
    text("password", "In the clear."),
    text("comment", "Of the operator."),
    time_or_null("in_use_from", "The beginning of the rental."),
    time_or_null("in_use_till", "And its end."),
    {.name = "ext_ip_upd_interval",
     .use = Field::kOnce,
     .nullable = true,
     .fallback = "null",
     .meaning = "How it rotates by itself."},
    text("ext_ip_upd_calendar", "Likewise."),
    time_or_null("next_by_interval", "When it does so next."),
    time_or_null("next_by_calendar", "Likewise."),
    text("fp", "The signature that its connections have."),
    of(Kind::kTexts, "src_whitelist", "Networks."),
    choice("src_whitelist_mode", kWhitelistModeNames),
    {.name = "top_destinations",
     .kind = Kind::kWhole,
     .use = Field::kOnce,
     .nullable = true,
     .fallback = "null",
     .meaning = "How many destinations of a day it tells apart; null: as configured.",
     .least = 0,
     .most = kTargetsKeptMost},
    kQuotaField,
    kLimitsField,
    {.name = "link",
     .kind = Kind::kObject,
     .use = Field::kOnce,
     .nullable = true,
     .fallback = "null",
     .meaning = "The link that rotates it.",
     .shape = &kLink},
    {.name = "credentials",
     .kind = Kind::kObjects,
     .use = Field::kOnce,
     .required = true,
     .meaning = "Its extra log-ins.",
     .shape = &kCredential},
    kTrafficField,
};
constexpr Shape kProxy{"StoredProxy", kProxyFields};

constexpr Field kFields[] = {
    choice("format", kFormats),
    number("version", "Of the document; this program reads and writes 1.", kDocumentVersion),
    text("program", "The version of the program that wrote it."),
    of(Kind::kTime, "exported", "When it did."),
    {.name = "users",
     .kind = Kind::kObjects,
     .use = Field::kOnce,
     .required = true,
     .meaning = "Everybody who may log in.",
     .shape = &kUser},
    {.name = "dongles",
     .kind = Kind::kObjects,
     .use = Field::kOnce,
     .required = true,
     .meaning = "What there is to leave by.",
     .shape = &kDongle},
    {.name = "proxies",
     .kind = Kind::kObjects,
     .use = Field::kOnce,
     .required = true,
     .meaning = "What customers use, with everything that belongs to it.",
     .shape = &kProxy},
};

}  // namespace

constexpr Shape kDocumentShape{"Document", kFields};

}  // namespace airlane::api
