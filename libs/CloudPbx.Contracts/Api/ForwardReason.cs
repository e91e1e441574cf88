using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>Why a call was sent on.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ForwardReason>))]
public enum ForwardReason
{
    /// <summary>A phone said so itself, by a 3xx.</summary>
    Phone,

    /// <summary>The extension sends all of its calls on.</summary>
    Always,

    /// <summary>Its phones were busy.</summary>
    Busy,

    /// <summary>Nobody answered in its ring time.</summary>
    NoAnswer,

    /// <summary>No phone was there.</summary>
    Unreachable,

    /// <summary>Its phones declined.</summary>
    Declined,
}
