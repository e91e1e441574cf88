using System.Text.Json.Serialization;

namespace CloudPbx.Contracts.Events;

/// <summary>One leg of a call: a phone, or a carrier's server.</summary>
public sealed record LadderParty
{
    /// <summary>The leg's number in its call.</summary>
    public required int Leg { get; init; }

    /// <summary>Which side of the call it is.</summary>
    public required CallParty Side { get; init; }

    /// <summary>What is at the other end.</summary>
    public required LadderPartyKind Kind { get; init; }

    /// <summary>The extension, or the trunk's name then. At most 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The number outside, of a trunk. At most 64 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Number { get; init; }

    /// <summary>The transport that the peer uses: <c>UDP</c>, <c>TCP</c>, <c>TLS</c>, <c>WS</c> or <c>WSS</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Transport { get; init; }

    /// <summary>The peer's address and port; for a tenant's administrators, and those above them, alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Address { get; init; }

    /// <summary>What the peer calls itself (User-Agent or Server). At most 64 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Agent { get; init; }

    /// <summary>The first characters of the leg's SIP Call-ID, enough to find it in a peer's log.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CallId { get; init; }
}
