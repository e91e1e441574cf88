namespace CloudPbx.TestKit.Phones;

/// <summary>A call at <see cref="GnomeCalls"/>, an object on its bus.</summary>
public sealed class GnomeCallsCall : IRealCall
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private readonly GnomeCalls _phone;
    private readonly string _path;

    internal GnomeCallsCall(GnomeCalls phone, string path, string peer) => (_phone, _path, Peer) = (phone, path, peer);

    /// <inheritdoc/>
    public string Peer { get; }

    /// <inheritdoc/>
    public Task AnswerAsync(CancellationToken cancel) => _phone.BusAsync(_path, "org.gnome.Calls.Call.Accept", cancel);

    /// <inheritdoc/>
    public async Task AnsweredAsync(CancellationToken cancel)
    {
        if (await StateAsync(state => state is GnomeCallState.Active or GnomeCallState.Disconnected, "not answered", cancel) != GnomeCallState.Active)
            throw _phone.Failure("the call ended unanswered");
    }

    /// <inheritdoc/>
    public Task HangUpAsync(CancellationToken cancel) => _phone.BusAsync(_path, "org.gnome.Calls.Call.Hangup", cancel);

    /// <inheritdoc/>
    public async Task<string> EndedAsync(CancellationToken cancel)
    {
        await StateAsync(state => state is GnomeCallState.Disconnected, "the call is not over", cancel);
        return "";
    }

    /// <inheritdoc/>
    public async Task<Heard> HearAsync(TimeSpan loud, CancellationToken cancel)
    {
        Heard heard = await _phone.Recording.HearAsync(loud, _phone.Recording.Length, GnomeCalls.Patience, cancel);
        return heard.Loud >= loud ? heard : throw _phone.Failure($"heard {heard.Loud.TotalSeconds:0.0} s of sound, not {loud.TotalSeconds:0.0} s");
    }

    /// <summary>Waits for a state; a call that is no longer on the bus is over.</summary>
    private async Task<GnomeCallState> StateAsync(Func<GnomeCallState, bool> wanted, string failure, CancellationToken cancel)
    {
        using PeriodicTimer again = new(s_look);
        for (long end = Environment.TickCount64 + (long)GnomeCalls.Patience.TotalMilliseconds; Environment.TickCount64 < end; await again.WaitForNextTickAsync(cancel))
        {
            GnomeCallState state = (await _phone.CallsAsync(cancel)).Where(call => call.Path == _path).Select(call => call.State).FirstOrDefault(GnomeCallState.Disconnected);
            if (wanted(state)) return state;
        }
        throw _phone.Failure(failure);
    }
}
