using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

public class ThreadUrgencyTests
{
    private const string Normal = "0", Batch = "3", InTurn = "2";      // sched(7): SCHED_OTHER, SCHED_BATCH, SCHED_RR
    private static readonly long s_second = Stopwatch.Frequency;

    [Fact]
    public void Who_asks_for_nothing_keeps_what_it_has() => OnThread(() =>
    {
        int before = Niceness();
        var urgency = new ThreadUrgency(Urgency.None);
        urgency.Begin(0);
        Assert.Equal((true, before, Normal), (urgency.IsGranted, Niceness(), Policy()));
    });

    [Fact]
    public void A_thread_is_ahead_by_niceness_where_it_may_and_its_children_are_not() => OnThread(() =>
    {
        var urgency = new ThreadUrgency(Urgency.Ahead);
        urgency.Begin(0);
        Assert.Equal(urgency.IsGranted, Niceness() <= -10);
        Assert.Equal(Normal, Policy());
        OnThread(() => Assert.True(Niceness() >= 0));
    });

    [Fact]
    public void A_thread_goes_first_where_it_may_and_its_children_do_not() => OnThread(() =>
    {
        var urgency = new ThreadUrgency(Urgency.First);
        urgency.Begin(0);
        Assert.Equal(urgency.IsGranted ? InTurn : Normal, Policy());
        OnThread(() => Assert.Equal(Normal, Policy()));
    });

    [Fact]
    public void Who_goes_first_and_does_not_rest_stands_back_until_it_does() => OnThread(() =>
    {
        var urgency = new ThreadUrgency(Urgency.First);
        urgency.Begin(s_second);
        Assert.SkipUnless(urgency.IsGranted, "real time needs CAP_SYS_NICE");
        for (int i = 1; i <= 20; i++)
        {
            urgency.GoesOn(s_second + (i * s_second / 5));
            Assert.Equal(InTurn, Policy());
            urgency.Rests(s_second + (i * s_second / 5));
        }
        urgency.GoesOn(s_second + (21 * s_second / 4));
        Assert.Equal((Normal, true), (Policy(), Niceness() <= -10));
        urgency.GoesOn(s_second + (22 * s_second / 4));
        urgency.Rests(s_second + (23 * s_second / 4));
        urgency.GoesOn(s_second + (23 * s_second / 4));
        Assert.Equal(InTurn, Policy());
    });

    [Fact]
    public void A_scheduling_policy_that_the_operator_has_chosen_stays() => OnThread(() =>
    {
        string thread = Path.GetFileName(File.ResolveLinkTarget("/proc/thread-self", returnFinalTarget: false)!.FullName);
        using Process chosen = Process.Start("chrt", ["--batch", "--pid", "0", thread]);      // of all policies the one that needs no right
        chosen.WaitForExit();
        Assert.Equal(Batch, Policy());
        var urgency = new ThreadUrgency(Urgency.First);
        urgency.Begin(0);
        Assert.Equal((true, Batch), (urgency.IsGranted, Policy()));
    });

    private static void OnThread(Action action)
    {
        ExceptionDispatchInfo? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                fault = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        fault?.Throw();
    }

    // proc(5): the 19th and the 41st field.
    private static int Niceness() => int.Parse(Field(19), CultureInfo.InvariantCulture);

    private static string Policy() => Field(41);

    // The name, the second field, may have blanks.
    private static string Field(int number) => File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[number - 3];
}
