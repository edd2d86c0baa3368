#include "control/api/manners.h"

namespace airlane::api {

HttpFields manners(bool secure) {
  HttpFields fields{
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "same-origin"},
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
       "base-uri 'none'"},
  };
  if (secure) fields.emplace_back("Strict-Transport-Security", "max-age=31536000");
  return fields;
}

}  // namespace airlane::api
