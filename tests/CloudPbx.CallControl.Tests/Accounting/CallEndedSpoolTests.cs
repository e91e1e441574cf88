using System.Text.Json;
using CloudPbx.CallControl.Accounting;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Tests.Accounting;

public sealed class CallEndedSpoolTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "cloudpbx-spool-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public void What_was_appended_is_read_by_the_next_life_in_order()
    {
        CallEnded[] facts = [Fact(), Fact(), Fact()];
        CallEndedSpool dies = new(_folder);
        foreach (CallEnded fact in facts)
            dies.Append(fact);
        dies.Dispose();
        using CallEndedSpool next = new(_folder);
        Assert.Equal(facts.Select(fact => fact.CallId), next.ReadNext().Select(fact => fact.CallId));
        Assert.False(next.HasUnread);
    }

    [Fact]
    public void Nothing_of_a_fact_but_its_ladder_is_lost_in_the_spool()
    {
        CallEnded[] facts = [Filled.Of<CallEnded>(), Fact()];
        using (CallEndedSpool dies = new(_folder))
            foreach (CallEnded fact in facts)
                dies.Append(fact);
        using CallEndedSpool next = new(_folder);
        Assert.Equal(facts.Select(fact => JsonSerializer.Serialize(fact with { Ladder = null })), next.ReadNext().Select(fact => JsonSerializer.Serialize(fact)));
    }

    [Fact]
    public void What_is_kept_for_later_is_read_back_a_segment_at_a_time_and_goes_when_it_is_confirmed()
    {
        using CallEndedSpool spool = new(_folder);
        List<CallId> kept = [];
        for (int i = 0; i < 3000; i++)
        {
            CallEnded fact = Fact() with { Reason = new string('x', 2000) };
            spool.AppendForLater(fact);
            kept.Add(fact.CallId);
        }
        CallEnded now = Fact();
        spool.Append(now);
        List<CallId> read = [];
        for (int parts = 0; spool.HasUnread; parts++)
        {
            Assert.InRange(parts, 0, 2);
            IReadOnlyList<CallEnded> facts = spool.ReadNext();
            Assert.InRange(facts.Count, 1, 2500);
            read.AddRange(facts.Select(fact => fact.CallId));
        }
        Assert.Equal(kept, read);
        foreach (CallId call in read)
            spool.Remove(call);
        Assert.Single(Directory.GetFiles(_folder));                          // that of the call that waits
        spool.Remove(now.CallId);
    }

    [Fact]
    public void What_was_kept_for_later_and_not_read_is_the_next_lifes()
    {
        CallEnded fact = Fact();
        using (CallEndedSpool dies = new(_folder))
            dies.AppendForLater(fact);
        using CallEndedSpool next = new(_folder);
        Assert.Equal([fact.CallId], next.ReadNext().Select(known => known.CallId));
    }

    [Fact]
    public void A_segment_that_somebody_took_away_is_passed_over()
    {
        using (CallEndedSpool dies = new(_folder))
            dies.AppendForLater(Fact());
        using CallEndedSpool next = new(_folder);
        File.Delete(Assert.Single(Directory.GetFiles(_folder)));
        Assert.Empty(next.ReadNext());
        Assert.False(next.HasUnread);
    }

    [Fact]
    public void A_segment_that_cannot_be_read_is_set_aside_and_the_next_life_tries_it_once_more()
    {
        CallEnded[] facts = [Fact(), Fact()];
        foreach (CallEnded fact in facts)
            using (CallEndedSpool dies = new(_folder))
                dies.AppendForLater(fact);
        string segment = Directory.GetFiles(_folder).Single(path => File.ReadAllText(path).Contains(facts[0].CallId.ToString(), StringComparison.Ordinal));
        List<string> told = [];
        using (new FileStream(segment, FileMode.Open, FileAccess.ReadWrite, FileShare.None))          // as a disk's fault would: opening it fails
        using (CallEndedSpool next = new(_folder, (path, _) => told.Add(path)))
        {
            Assert.Equal([facts[1].CallId], next.ReadNext().Concat(next.ReadNext()).Select(fact => fact.CallId));
            Assert.False(next.HasUnread);
            next.Remove(facts[1].CallId);
        }
        Assert.Equal([segment + ".unreadable"], told);
        Assert.Equal(told, Directory.GetFiles(_folder));
        using CallEndedSpool mended = new(_folder);
        Assert.Equal([facts[0].CallId], mended.ReadNext().Select(fact => fact.CallId));
        mended.Remove(facts[0].CallId);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Confirmed_facts_take_no_room_however_many_there_were()
    {
        using CallEndedSpool spool = new(_folder);
        CallEnded open = Fact();
        for (int i = 0; i < 2000; i++)
        {
            CallEnded fact = Fact();
            spool.Append(fact);
            spool.Remove(fact.CallId);
        }
        Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(_folder))).Length, 0, 128 * 1024);
        spool.Append(open);
        spool.Dispose();
        using CallEndedSpool next = new(_folder);
        Assert.Contains(open.CallId, next.ReadNext().Select(fact => fact.CallId));
    }

    [Fact]
    public void A_segment_of_an_earlier_life_goes_with_its_last_fact()
    {
        CallEnded[] facts = [Fact(), Fact()];
        CallEndedSpool dies = new(_folder);
        foreach (CallEnded fact in facts)
            dies.Append(fact);
        dies.Dispose();
        using CallEndedSpool next = new(_folder);
        _ = next.ReadNext();
        next.Remove(facts[0].CallId);
        Assert.Single(Directory.GetFiles(_folder));
        next.Remove(facts[1].CallId);
        next.Remove(facts[1].CallId);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CallEnded Fact() => new()
    {
        TenantId = TenantId.New(),
        CallId = CallId.New(),
        CallerNumber = "100",
        CalledNumber = "101",
        Disposition = CallDisposition.Answered,
        StartedAt = DateTime.UnixEpoch,
        EndedAt = DateTime.UnixEpoch,
    };
}
