using System.Net;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.State.SharedTrunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// How the lines of registered shared trunks stand, as their keepers told last (<see cref="SharedTrunkReporter"/>): tenants call by the edge by which they are registered, and
/// believe the servers at which they are. A keeper that is silent has not ended its lines' registrations, so what it told last counts until another one tells.
/// </summary>
/// <remarks>Thread-safe: what is known is replaced whole.</remarks>
internal sealed class SharedLines
{
    private volatile Dictionary<TrunkId, Told> _told = [];

    /// <summary>Takes what was told.</summary>
    /// <param name="told">All that is told now; of two for one trunk the later keeper's counts.</param>
    /// <param name="wanted">The trunks that somebody here uses: the others are forgotten.</param>
    public void Hear(IEnumerable<SharedTrunkLines> told, IReadOnlySet<TrunkId> wanted)
    {
        Dictionary<TrunkId, Told> next = _told.Where(known => wanted.Contains(known.Key)).ToDictionary();
        foreach (SharedTrunkLines lines in told.Where(lines => wanted.Contains(lines.Trunk)).OrderBy(lines => lines.Epoch))
            next[lines.Trunk] = new Told(lines, [.. lines.Servers.Select(text => IPAddress.TryParse(text, out IPAddress? address) ? address : null).OfType<IPAddress>()]);
        _told = next;
    }

    /// <summary>The edge by which a trunk's lines are registered; null where nobody has told one.</summary>
    public uint? EdgeOf(TrunkSettings trunk) => Find(trunk)?.Lines.EdgeId;

    /// <summary>Whether it is known at which servers a trunk's lines register.</summary>
    public bool KnowsServersOf(TrunkSettings trunk) => Find(trunk) is { Servers.Count: > 0 };

    /// <summary>Whether a trunk's lines register at a server.</summary>
    public bool IsServer(TrunkSettings trunk, IPAddress address) => Find(trunk)?.Servers.Contains(address) == true;

    /// <summary>How one line stands; null where nobody has told.</summary>
    public SharedTrunkLine? Find(TrunkSettings trunk, TrunkAccount account) => Find(trunk)?.Lines.Lines.FirstOrDefault(line => line.Account == account.User);

    private Told? Find(TrunkSettings trunk) => trunk is { IsCopy: true, Kind: TrunkKind.Registered } ? _told.GetValueOrDefault(trunk.LinesOf) : null;

    private sealed record Told(SharedTrunkLines Lines, HashSet<IPAddress> Servers);
}
