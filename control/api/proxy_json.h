// A proxy as its customer sees it: the object of the `list` answer.
#pragma once

#include "control/api/call.h"
#include "control/api/json_text.h"

namespace airlane::api {

Json proxy_json(const Context& context, const ProxyRecord& proxy);
void write_proxy(JsonText& to, const Context& context, const ProxyRecord& proxy);

const std::string& isp_of(const Context& context, const ProxyRecord& proxy);

}  // namespace airlane::api
