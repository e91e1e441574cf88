using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>What SIP runs over towards a carrier.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TrunkTransport>))]
public enum TrunkTransport
{
    /// <summary>Whatever the host's NAPTR and SRV records say (RFC 3263 §4.1); UDP where they say nothing.</summary>
    Auto,

    /// <summary>UDP.</summary>
    Udp,

    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>TLS over TCP.</summary>
    Tls,
}
