namespace CloudPbx.MediaControl;

/// <summary>The node's answer to an offer/answer command.</summary>
/// <param name="Accepted">False when the command was refused; then <paramref name="Fault"/> says why.</param>
/// <param name="Fault">One of <see cref="LegFaults"/>, or null.</param>
/// <param name="LocalSdp">Our session description, if the command makes one.</param>
/// <param name="Direction">Which way audio flows, seen from the node.</param>
/// <param name="Codec">The agreed codec's encoding name, null while nothing is agreed.</param>
/// <param name="Encrypted">Whether SRTP was agreed.</param>
/// <param name="RemoteHeld">The peer put us on hold (<c>sendonly</c>, <c>inactive</c> or a null address).</param>
public sealed record LegDescription(
    bool Accepted, string? Fault, string? LocalSdp, Direction Direction, string? Codec, bool Encrypted, bool RemoteHeld)
{
    /// <summary>The fault lies with the node or its ports, not with the SDP: 503 instead of 488 to the peer.</summary>
    public bool Unavailable => Fault is LegFaults.NodeUnavailable or LegFaults.NoFreePort;

    /// <summary>What another node needs to go on with the leg (<see cref="IMediaNode.RestoreAsync"/>), once something is agreed on. Our key is in it: it must not be written down but sealed.</summary>
    public string? State { get; init; }

    /// <summary>
    /// The peer's offer changes streams that both parties must have: fax (ITU-T T.38) or video comes or goes. The other party is to be offered first
    /// (<see cref="IMediaNode.OfferAsync"/> like this leg), then the answer follows what that one said.
    /// </summary>
    public bool AsksPartner { get; init; }

    /// <summary>There are streams besides the audio in it: fax or video.</summary>
    public bool PassesMore { get; init; }

    /// <summary>The agreed codec has more in it than a telephone's 8 kHz.</summary>
    public bool IsWide { get; init; }

    /// <summary>The agreed codec can only be passed on: the node can neither listen to the peer nor be heard by it.</summary>
    public bool IsOnlyPassed { get; init; }

    /// <summary>A refusal.</summary>
    /// <param name="fault">One of <see cref="LegFaults"/>.</param>
    public static LegDescription Refused(string fault) => new(false, fault, null, Direction.Inactive, null, false, false);
}
