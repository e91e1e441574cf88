using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>What a caller hears before a carrier's callee answers.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<EarlyMediaPolicy>))]
public enum EarlyMediaPolicy
{
    /// <summary>The carrier's early media once packets flow, a ringing tone of ours until then (RFC 3960 §3.2).</summary>
    Relay,

    /// <summary>A ringing tone of ours, whatever the carrier sends: for carriers that send silence.</summary>
    Ringback,
}
