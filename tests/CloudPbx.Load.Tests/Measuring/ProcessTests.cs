using CloudPbx.Load.Measuring;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Load.Tests.Measuring;

public class ProcessTests
{
    [Theory]
    [InlineData("1234 (kamailio) S 77 1234 1234 0 -1 4194560", 77)]
    [InlineData("1234 (a) b (c)) R 8 1 1", 8)]                                  // a command may hold spaces and parentheses
    [InlineData("", null)]
    [InlineData("1234 (cut", null)]
    public void The_parent_is_read_behind_the_command(string stat, int? expected) => Assert.Equal(expected, ProcessTree.ParentIn(stat));

    [Fact]
    public void Resident_memory_is_read_in_kibibytes()
    {
        Assert.Equal(20_480, ProcessTree.ResidentIn("Name:\tedge\nVmPeak:\t  999 kB\nVmRSS:\t   20480 kB\nThreads:\t9\n"));
        Assert.Equal(0, ProcessTree.ResidentIn("Name:\tzombie\nThreads:\t1\n"));
    }

    [Fact]
    public void A_page_that_two_processes_map_is_counted_once()
    {
        const string Library = "7f00-7f10 r-xp 00000000 fe:00 1234   /usr/lib/libc.so.6\nRss: 100 kB\nShared_Clean: 80 kB\nShared_Dirty: 0 kB\nPrivate_Clean: 20 kB\nPrivate_Dirty: 0 kB\nVmFlags: rd ex\n";
        const string Heap = "5500-5600 rw-p 00000000 00:00 0 \nRss: 500 kB\nShared_Clean: 0 kB\nPrivate_Clean: 0 kB\nPrivate_Dirty: 500 kB\n";
        Assert.Equal(500 + 80 + 20 + 20, ProcessTree.OccupiedIn([Library + Heap, Library]));
        Assert.Equal(0, ProcessTree.OccupiedIn(["", ""]));
    }

    [Fact]
    public void A_process_is_the_root_of_its_own_tree() => Assert.Equal(Environment.ProcessId, ProcessTree.Of(Environment.ProcessId)[0]);

    [Fact]
    public async Task What_a_bench_starts_is_asked_to_end_when_the_bench_dies()
    {
        Tools.Require("setpriv");
        (int code, string output) = await ChildProcess.RunAsync(["setpriv", "--dump"], Path.GetTempPath(), cancel: TestContext.Current.CancellationToken);
        Assert.Equal(0, code);
        Assert.Contains("Parent death signal: TERM", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_clock_of_a_process_goes_forward_with_its_work_and_one_that_is_not_there_counts_nothing()
    {
        long before = ProcessClock.Nanoseconds(Environment.ProcessId);
        long sum = 0;
        for (int i = 0; i < 1_000_000; i++)
            sum += i % 7;
        Assert.NotEqual(0, sum);
        Assert.True(ProcessClock.Nanoseconds(Environment.ProcessId) > before);
        Assert.Equal(0, ProcessClock.Nanoseconds(int.MaxValue >> 3));
    }
}
