using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>Reliable provisional responses (RFC 3262) towards a carrier.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Rel100Policy>))]
public enum Rel100Policy
{
    /// <summary>Supported, until the carrier answers PRACK with 405, 420, 481 or 501: then off for this trunk, and shown.</summary>
    Auto,

    /// <summary>An INVITE says nothing of <c>100rel</c>.</summary>
    Off,

    /// <summary><c>Supported: 100rel</c>.</summary>
    Supported,

    /// <summary><c>Require: 100rel</c>.</summary>
    Required,
}
