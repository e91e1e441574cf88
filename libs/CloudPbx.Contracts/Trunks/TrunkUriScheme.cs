using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>How a telephone number is written to a carrier.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TrunkUriScheme>))]
public enum TrunkUriScheme
{
    /// <summary><c>sip:+8610…@carrier</c>; <c>sips:</c> never, since carriers' legs are not all TLS.</summary>
    Sip,

    /// <summary><c>tel:+8610…</c> (RFC 3966).</summary>
    Tel,
}
