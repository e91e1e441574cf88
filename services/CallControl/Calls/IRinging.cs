using CloudPbx.CallControl.Links;
using CloudPbx.Contracts.Events;
using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Calls;

/// <summary>For whom phones ring: a caller that waits for an answer, or a party that is transferred to them.</summary>
internal interface IRinging
{
    /// <summary>The media leg that the phone that answers will be joined with, as far as there is one: its codecs come first.</summary>
    LegId? Like { get; }

    /// <summary>Who calls, as the phones see it.</summary>
    CallIdentity Identity { get; }

    /// <summary>Which side of the call the phones will be.</summary>
    CallParty Party { get; }

    /// <summary>The ways to phones that are in the call already: they do not ring.</summary>
    IReadOnlyList<EdgeFlow> Busy { get; }

    /// <summary>A number sent the call on to another, whose phones ring now.</summary>
    void Forwarded(string by, string to);

    /// <summary>A phone rings.</summary>
    void Alerting();

    /// <summary>A carrier says that it goes on.</summary>
    /// <param name="attempt">Which.</param>
    /// <param name="status">180 to 183.</param>
    /// <param name="hasMedia">Whether there is early media.</param>
    /// <param name="answer">Its session description; null where the media node knows it already.</param>
    void Progressing(PhoneAttempt attempt, int status, bool hasMedia, string? answer);

    /// <summary>A phone answers.</summary>
    /// <returns>Whether it is the one that has the call.</returns>
    bool TryWin(PhoneAttempt attempt);
}
