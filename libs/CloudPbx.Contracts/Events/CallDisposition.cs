using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Events;

/// <summary>How a call ended, in one word.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CallDisposition>))]
public enum CallDisposition
{
    /// <summary>Somebody or something answered.</summary>
    Answered,

    /// <summary>The called party was busy (486, 600).</summary>
    Busy,

    /// <summary>It rang until the time was up (408, 480).</summary>
    NoAnswer,

    /// <summary>The caller gave up while it rang (487).</summary>
    Cancelled,

    /// <summary>It could not be set up: unknown number, no common codec, a fault.</summary>
    Failed,

    /// <summary>The called party declined (603, 403).</summary>
    Rejected,
}
