using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Control;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;

namespace CloudPbx.Media.Sessions;

/// <summary>A call's legs on one loop, and who controls them.</summary>
/// <remarks>
/// Guarded by <see cref="Gate"/>: during a takeover two controllers may speak of one session. Nothing waits inside it, and the packet path
/// never takes it.
/// </remarks>
internal sealed class MediaSession(CallId id, MediaLoop loop) : ILegReports
{
    private readonly Dictionary<int, MediaLeg> _legs = [];
    private volatile Controller? _owner;

    public CallId Id => id;

    public MediaLoop Loop => loop;

    public Lock Gate { get; } = new();

    /// <summary>The highest epoch seen; a lower one is a controller that no longer owns the call.</summary>
    public long Epoch { get; private set; }

    /// <summary>The session has ended and must not get new legs.</summary>
    public bool Ended { get; private set; }

    public Controller? Owner => _owner;

    /// <summary>Its recordings.</summary>
    public SessionRecordings Recordings { get; } = new(loop);

    public bool IsEmpty => _legs.Count == 0;

    /// <summary>Admits a command.</summary>
    /// <returns>False when its epoch is lower than the session's.</returns>
    public bool Admit(Controller controller, long epoch)
    {
        if (epoch < Epoch)
            return false;
        Epoch = epoch;
        _owner = controller;
        return true;
    }

    public MediaLeg? Find(int leg) => _legs.GetValueOrDefault(leg);

    public void Add(int number, MediaLeg leg) => _legs.Add(number, leg);

    /// <summary>Takes a leg out; the session ends with its last.</summary>
    public MediaLeg? Remove(int number)
    {
        _legs.Remove(number, out MediaLeg? leg);
        Ended |= leg is not null && _legs.Count == 0;
        return leg;
    }

    /// <summary>Ends all legs without asking for their figures.</summary>
    public void End()
    {
        Ended = true;
        foreach (MediaLeg leg in _legs.Values)
            _ = leg.EndAsync();
        _legs.Clear();
    }

    void ILegReports.Digit(LegId leg, char digit, int durationMilliseconds) => _owner?.Report(
        new Event { Digit = new Digit { Leg = leg.ToWire(), Digit_ = digit.ToString(), DurationMilliseconds = durationMilliseconds } });

    void ILegReports.Played(LegId leg, string name, PromptEnd end, char digit) => _owner?.Report(
        new Event { Played = new Played { Leg = leg.ToWire(), Name = name, Ending = (PromptEnding)end, Digit = digit == '\0' ? "" : digit.ToString() } });

    void ILegReports.Speaking(LegId leg, bool speaks) => _owner?.Report(new Event { Speaking = new Speaking { Leg = leg.ToWire(), Speaks = speaks } });

    void ILegReports.Silent(LegId leg) => _owner?.Report(new Event { Silent = new Silent { Leg = leg.ToWire() } });
}
