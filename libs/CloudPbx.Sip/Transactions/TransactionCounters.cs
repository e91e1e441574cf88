namespace CloudPbx.Sip.Transactions;

/// <summary>What a <see cref="TransactionLayer"/> has counted since its start. Written by the owner's thread, read by any.</summary>
public sealed class TransactionCounters
{
    private long _absorbed;
    private long _merged;
    private long _overload;
    private long _resent;
    private long _strayCancels;
    private long _strayResponses;
    private long _faults;

    /// <summary>Gets how many retransmissions of requests were absorbed or answered again.</summary>
    public long Absorbed => Volatile.Read(ref _absorbed);

    /// <summary>Gets how many merged requests were answered with 482 (RFC 3261 §8.2.2.2).</summary>
    public long Merged => Volatile.Read(ref _merged);

    /// <summary>Gets how many requests were dropped or refused because too many transactions live.</summary>
    public long Overload => Volatile.Read(ref _overload);

    /// <summary>Gets how many requests and responses were sent again.</summary>
    public long Resent => Volatile.Read(ref _resent);

    /// <summary>Gets how many CANCELs matched nothing and were answered with 481.</summary>
    public long StrayCancels => Volatile.Read(ref _strayCancels);

    /// <summary>Gets how many responses matched no transaction.</summary>
    public long StrayResponses => Volatile.Read(ref _strayResponses);

    /// <summary>Gets how many transactions ended by a time-out or a broken flow.</summary>
    public long Faults => Volatile.Read(ref _faults);

    internal void CountAbsorbed() => Volatile.Write(ref _absorbed, _absorbed + 1);

    internal void CountMerged() => Volatile.Write(ref _merged, _merged + 1);

    internal void CountOverload() => Volatile.Write(ref _overload, _overload + 1);

    internal void CountResent() => Volatile.Write(ref _resent, _resent + 1);

    internal void CountStrayCancel() => Volatile.Write(ref _strayCancels, _strayCancels + 1);

    internal void CountStrayResponse() => Volatile.Write(ref _strayResponses, _strayResponses + 1);

    internal void CountFault() => Volatile.Write(ref _faults, _faults + 1);
}
