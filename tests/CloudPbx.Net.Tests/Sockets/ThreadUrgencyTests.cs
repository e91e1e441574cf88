using System.Diagnostics;
using System.Globalization;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

public class ThreadUrgencyTests
{
    [Theory]
    [InlineData(-5)]
    [InlineData(ThreadUrgency.MostUrgent)]
    public void A_thread_has_the_niceness_that_it_is_said_to_have_and_its_children_do_not(int wanted)
    {
        bool got = false;
        int own = 0, child = 0;
        OnThread(() =>
        {
            got = ThreadUrgency.TryAsk(wanted);
            own = Niceness();
            OnThread(() => child = Niceness());
        });
        Assert.Equal(got, own <= wanted);
        Assert.True(child >= ThreadUrgency.Even, $"{child}");
    }

    [Fact]
    public void Who_asks_for_nothing_keeps_what_it_has()
    {
        bool got = false;
        int before = 0, after = 0;
        OnThread(() =>
        {
            before = Niceness();
            got = ThreadUrgency.TryAsk(ThreadUrgency.Even);
            after = Niceness();
        });
        Assert.True(got);
        Assert.Equal(before, after);
    }

    [Fact]
    public void A_scheduling_policy_that_the_operator_has_chosen_stays()
    {
        string before = "", after = "";
        bool got = false;
        OnThread(() =>
        {
            string thread = Path.GetFileName(File.ResolveLinkTarget("/proc/thread-self", returnFinalTarget: false)!.FullName);
            using Process chosen = Process.Start("chrt", ["--batch", "--pid", "0", thread]);      // of all policies the one that needs no right
            chosen.WaitForExit();
            before = Policy();
            got = ThreadUrgency.TryAsk(-5);
            after = Policy();
        });
        Assert.Equal(("3", "3", true), (before, after, got));                                      // sched(7): SCHED_BATCH
    }

    private static void OnThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }

    // proc(5): the 19th and the 41st field.
    private static int Niceness() => int.Parse(Field(19), CultureInfo.InvariantCulture);

    private static string Policy() => Field(41);

    // The name, the second field, may have blanks.
    private static string Field(int number) => File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[number - 3];
}
