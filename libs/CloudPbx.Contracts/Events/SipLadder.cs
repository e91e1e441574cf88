
namespace CloudPbx.Contracts.Events;

/// <summary>
/// The SIP messages of a call's legs, as far as they tell why it went as it did. Only the members named here are taken from a message, so that no credential, key, nonce, ICE password or
/// token is ever in it; free texts of peers are cut and cleaned.
/// </summary>
public sealed record SipLadder
{
    /// <summary>The legs that a message came by or went to, and the trunks that could not be reached, in the order of their beginning.</summary>
    public required IReadOnlyList<LadderParty> Parties { get; init; }

    /// <summary>The messages in their order.</summary>
    public required IReadOnlyList<LadderMessage> Messages { get; init; }

    /// <summary>How many more messages there were than are kept of one call.</summary>
    public int Omitted { get; init; }

    /// <summary>What was said before is lost with the worker that led the call then: milliseconds after the call began; absent where nothing is.</summary>
    public int? LostUntil { get; init; }

    /// <summary>Whether the call went well, so that only what made and what ended it is kept.</summary>
    public bool IsShortened { get; init; }
}
