using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>Where a carrier writes the number that was called.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CalledNumberSource>))]
public enum CalledNumberSource
{
    /// <summary>The Request-URI.</summary>
    RequestUri,

    /// <summary>To: carriers that put the account into the Request-URI.</summary>
    To,

    /// <summary><c>P-Called-Party-ID</c> (RFC 7315 §4.2): IMS networks.</summary>
    PCalledPartyId,

    /// <summary>The first entry of Diversion (RFC 5806): lines that are forwarded to us.</summary>
    Diversion,
}
