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

    private static void OnThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }

    // proc(5): the 19th field, and the name of the second may have blanks.
    private static int Niceness() => int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[16], System.Globalization.CultureInfo.InvariantCulture);
}
