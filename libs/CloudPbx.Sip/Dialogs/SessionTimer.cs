using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Dialogs;

/// <summary>A session timer that both sides agreed on (RFC 4028): plain values, so that it is stored with the dialog.</summary>
/// <param name="Seconds">The session interval.</param>
/// <param name="WeRefresh">Whether we refresh; else the peer does.</param>
/// <param name="RefreshedAt">When it was agreed on or refreshed last, UTC.</param>
public sealed record SessionTimer(uint Seconds, bool WeRefresh, DateTimeOffset RefreshedAt)
{
    /// <summary>The option tag (§11.1).</summary>
    public const string OptionTag = "timer";

    /// <summary>The least interval that is taken from peers, in seconds (RFC 4028 §4: no lower one is allowed).</summary>
    public const uint Minimum = 90;

    /// <summary>The interval that we ask for, in seconds (§4 recommends it).</summary>
    public const uint Recommended = 1800;

    /// <summary>Gets when we refresh: at half the interval (§10).</summary>
    public TimeSpan RefreshAfter => TimeSpan.FromSeconds(Seconds) / 2;

    /// <summary>Gets when the session is over without refresh: for who waits for it a third of the interval, at most 32 s, early (§10).</summary>
    public TimeSpan ExpiresAfter => TimeSpan.FromSeconds(WeRefresh ? Seconds : Seconds - Math.Min(32, Seconds / 3));

    /// <summary>What a request has to be refused with: an interval below ours, from a peer that understands the 422 (§9).</summary>
    /// <param name="request">An INVITE or UPDATE.</param>
    /// <returns>Whether it gets 422.</returns>
    public static bool IsTooShort(SipRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.SessionExpires is { Seconds: < Minimum } && request.Supports(OptionTag);
    }

    /// <summary>What a 2xx of ours says about a request's session (§9, table 2).</summary>
    /// <param name="request">The INVITE or UPDATE.</param>
    /// <param name="current">The timer in force, which an UPDATE or re-INVITE that does not speak of it ends (§9).</param>
    /// <param name="asks">The interval that we want where the peer does not ask for a timer, in seconds; <see langword="null"/>: none.</param>
    /// <returns>The value, with refresher; <see langword="null"/> for no timer.</returns>
    public static SessionExpires? AnswerTo(SipRequest request, SessionTimer? current, uint? asks)
    {
        ArgumentNullException.ThrowIfNull(request);
        bool supports = request.Supports(OptionTag);
        SessionExpires? asked = request.SessionExpires;
        if (asked is null && asks is null && !(current is not null && (supports || current.WeRefresh)))
            return null;
        uint least = Math.Max(request.MinSE ?? 0, Minimum);
        uint seconds = Math.Max(asked?.Seconds ?? current?.Seconds ?? asks ?? Recommended, least);
        // Who does not know the timer cannot refresh (row 1). Else its wish counts; without one the peer refreshes, as it knows best when it is alive.
        SessionRefresher refresher = !supports ? SessionRefresher.Uas
            : asked?.Refresher ?? (asked is null && current is { WeRefresh: true } ? SessionRefresher.Uas : SessionRefresher.Uac);
        return new SessionExpires(seconds, refresher);
    }
}
