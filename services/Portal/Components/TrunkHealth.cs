using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Components;

/// <summary>How a trunk stands, in one word, and in the carrier's own words where it refused us.</summary>
/// <param name="State">The word.</param>
/// <param name="Trunk">The trunk.</param>
public sealed record TrunkHealth(TrunkState State, TrunkStatusDto Trunk)
{
    /// <summary>The class of its light.</summary>
    public string Dot => State switch
    {
        TrunkState.Registered or TrunkState.Trusted when Trunk.Reach == TrunkReach.Down => "bad",
        TrunkState.Registered or TrunkState.Trusted => Trunk is { LastCallFailure: not null, CallsAgainSince: null } ? "wait" : "good",
        TrunkState.Partly or TrunkState.Trying => "wait",
        TrunkState.Failed => "bad",
        _ => "",
    };

    /// <summary>Judges a trunk.</summary>
    /// <param name="trunk">The trunk.</param>
    public static TrunkHealth Of(TrunkStatusDto trunk)
    {
        if (!trunk.Enabled)
            return new TrunkHealth(TrunkState.Disabled, trunk);
        if (trunk.Kind == TrunkKind.Ip)
            return new TrunkHealth(TrunkState.Trusted, trunk);
        int registered = trunk.Lines.Count(line => line.RegisteredSince is not null);
        return new TrunkHealth(
            registered > 0 && registered == trunk.Lines.Count ? TrunkState.Registered
            : registered > 0 ? TrunkState.Partly
            : trunk.Lines.Any(line => line.LastFailure is not null) ? TrunkState.Failed
            : TrunkState.Trying,
            trunk);
    }

    /// <summary>A sentence about it.</summary>
    /// <param name="texts">The words.</param>
    /// <param name="clock">The user's clock.</param>
    public string Sentence(Texts texts, Clock clock) => State switch
    {
        TrunkState.Disabled => texts["trunk-state.disabled"],
        TrunkState.Trusted => texts["trunk-state.trusted"],
        TrunkState.Registered => texts["trunk-state.registered", clock.When(Trunk.Lines.Max(line => line.RegisteredSince!.Value))],
        TrunkState.Partly => texts["trunk-state.partly", Trunk.Lines.Count(line => line.RegisteredSince is not null), Trunk.Lines.Count],
        TrunkState.Failed => LastFailure() is { } failure ? texts["trunk-state.failed", Words(failure), clock.When(failure.At)] : texts["trunk-state.trying"],
        _ => texts["trunk-state.trying"],
    };

    /// <summary>A sentence about one line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="texts">The words.</param>
    /// <param name="clock">The user's clock.</param>
    public static string Sentence(TrunkLineDto line, Texts texts, Clock clock) =>
        line.RegisteredSince is { } since ? texts["trunk-state.registered", clock.When(since)]
        : line.LastFailure is { } failure ? texts["trunk-state.failed", Words(failure), clock.When(failure.At)]
        : texts["trunk-state.trying"];

    /// <summary>A sentence about a carrier that does not answer OPTIONS; null where it does, or is not asked.</summary>
    /// <param name="texts">The words.</param>
    /// <param name="clock">The user's clock.</param>
    public string? ReachSentence(Texts texts, Clock clock) => Trunk.Reach != TrunkReach.Down
        ? null
        : texts["trunk-state.down", Trunk.ReachSince is { } since ? clock.When(since) : "–", Words(new TrunkFailureDto(default, Trunk.OptionsStatus, Trunk.OptionsReason ?? "–"))];

    /// <summary>A sentence about the last call that the carrier did not take; null where it took all.</summary>
    /// <param name="failure">That call.</param>
    /// <param name="again">When the carrier took one again.</param>
    /// <param name="texts">The words.</param>
    /// <param name="clock">The user's clock.</param>
    public static string? CallSentence(TrunkFailureDto? failure, DateTime? again, Texts texts, Clock clock) =>
        failure is null ? null
        : again is { } since ? texts["trunk-state.calls-again", Words(failure), clock.When(failure.At), clock.When(since)]
        : texts["trunk-state.call-failed", Words(failure), clock.When(failure.At)];

    /// <summary>The carrier's own words.</summary>
    /// <param name="failure">What it said.</param>
    public static string Words(TrunkFailureDto failure) => failure.Status is { } status ? string.Create(CultureInfo.InvariantCulture, $"{status} {failure.Reason}") : failure.Reason;

    private TrunkFailureDto? LastFailure() => Trunk.Lines.Where(line => line.LastFailure is not null).Select(line => line.LastFailure!).MaxBy(failure => failure.At);
}

/// <summary>How a trunk stands.</summary>
public enum TrunkState
{
    /// <summary>It may not be used.</summary>
    Disabled,

    /// <summary>The carrier knows us by our address: nobody registers.</summary>
    Trusted,

    /// <summary>All lines are registered.</summary>
    Registered,

    /// <summary>Some lines are.</summary>
    Partly,

    /// <summary>None is, and the carrier said why.</summary>
    Failed,

    /// <summary>None is yet.</summary>
    Trying,
}
