namespace CloudPbx.CallControl.Tenants;

/// <summary>How long something takes that is asked for again and again and answered in order, a media node's description of a call's first leg: the shortest of
/// each tenth of a second, as <see cref="QueueDelay"/> has it; where no answer comes, for how long none has come.</summary>
/// <remarks>Thread-safe, without locks: a measurement that falls between two intervals may be lost.</remarks>
internal sealed class AnswerDelay(TimeProvider time)
{
    private readonly QueueDelay _answered = new(time);
    private int _asked;
    private long _lastAnswer;                                     // or when the first was asked after a rest

    /// <summary>Measures one answer. Nothing else about it changes.</summary>
    public async Task<T> MeasureAsync<T>(Task<T> answer)
    {
        long asked = time.GetTimestamp();
        if (Interlocked.Increment(ref _asked) == 1)
            Volatile.Write(ref _lastAnswer, asked);
        try
        {
            return await answer;
        }
        finally
        {
            long now = time.GetTimestamp();
            Volatile.Write(ref _lastAnswer, now);
            Interlocked.Decrement(ref _asked);
            _answered.Observe(now - asked);
        }
    }

    /// <summary>The shortest of the last interval, or the silence; zero where nothing is asked.</summary>
    public TimeSpan Current
    {
        get
        {
            TimeSpan shortest = _answered.Current;
            TimeSpan silence = Volatile.Read(ref _asked) > 0 ? time.GetElapsedTime(Volatile.Read(ref _lastAnswer)) : TimeSpan.Zero;
            return shortest > silence ? shortest : silence;
        }
    }
}
