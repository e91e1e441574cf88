using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Events;

/// <summary>Which way audio goes, in the words of who describes it (RFC 8866 §6.7).</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<LadderDirection>))]
public enum LadderDirection
{
    /// <summary>Both ways.</summary>
    SendReceive,

    /// <summary>It sends only: it holds the other one.</summary>
    SendOnly,

    /// <summary>It receives only: it is held.</summary>
    ReceiveOnly,

    /// <summary>Neither way: it holds, and plays nothing; also by the address 0.0.0.0 (RFC 3264 §8.4).</summary>
    Inactive,
}
