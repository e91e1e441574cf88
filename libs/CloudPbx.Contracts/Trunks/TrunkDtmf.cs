using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Trunks;

/// <summary>How digits are sent to a carrier; they are understood in every form.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<TrunkDtmf>))]
public enum TrunkDtmf
{
    /// <summary>As telephone events (RFC 4733).</summary>
    Rfc4733,

    /// <summary>By SIP INFO with <c>application/dtmf-relay</c>.</summary>
    Info,

    /// <summary>As tones in the audio.</summary>
    Inband,
}
