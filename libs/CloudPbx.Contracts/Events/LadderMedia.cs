using System.Text.Json.Serialization;

namespace CloudPbx.Contracts.Events;

/// <summary>What a session description says, as far as it tells why two parties did or did not hear each other.</summary>
public sealed record LadderMedia
{
    /// <summary>The audio codecs in their order (<c>PCMA</c>, <c>opus</c>); one that is not known here is <c>?</c>.</summary>
    public required IReadOnlyList<string> Codecs { get; init; }

    /// <summary>Which way audio goes.</summary>
    public LadderDirection Direction { get; init; }

    /// <summary>How it is encrypted.</summary>
    public LadderSecurity Security { get; init; }

    /// <summary>Whether the audio is refused or not offered: its port is 0, or there is none (RFC 3264 §6).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsRefused { get; init; }

    /// <summary>Whether there are streams besides: video, fax.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasOthers { get; init; }
}
