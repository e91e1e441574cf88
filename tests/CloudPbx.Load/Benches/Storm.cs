using System.Globalization;
using System.Security.Authentication;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;
using CloudPbx.Load.Sip;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Load.Benches;

/// <summary>The network comes back after an outage, and all phones with it: their TLS connections are cut at one moment, and within half a minute each makes a new one and registers. Others go on calling.</summary>
internal sealed class Storm : IBench
{
    private const int Phones = 15_000, Threads = 200, Callers = 1000, DescriptorsForOthers = 1000;
    private const double CallsPerSecond = 20;
    private static readonly TimeSpan s_arrivals = TimeSpan.FromSeconds(30), s_patience = TimeSpan.FromSeconds(120), s_again = TimeSpan.FromSeconds(2);

    public string Name => "storm";

    public string Description => "15,000 TLS phones are cut off and come back within 30 s while others call: seconds until all are registered, calls completed";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        int phones = (int)Math.Min(Phones, DescriptorLimit.Raise() - DescriptorsForOthers);
        await using ClusterProduct product = await ClusterProduct.StartAsync(progress, cancel);
        using CallLoad calls = new(product.Udp, direct: false, Callers);
        progress("registering the called phones");
        await calls.RegisterAsync(cancel);
        await calls.RunAsync(CallsPerSecond, options.WarmUp);

        StreamPhone?[] open = new StreamPhone?[phones];
        try
        {
            progress($"{phones} phones connect and register");
            Coming first = await ComeAsync(product, open, s_arrivals * 2, cancel);
            if (first.Missing > 0)
                throw new InvalidOperationException($"{first.Missing} of {phones} phones did not register before the outage");
            await using MemoryWatch memory = new(product.Subjects);
            progress("the outage");
            foreach (StreamPhone? phone in open)
                phone?.Dispose();
            Task<LoadOutcome> calling = calls.RunAsync(options.Rate ?? CallsPerSecond, s_arrivals * 2);
            Coming back = await ComeAsync(product, open, s_arrivals, cancel);
            LoadOutcome called = await calling;
            string fewer = phones < Phones ? $"the descriptor limit allows {phones} phones only; " : "";
            return
            [
                new BenchResult("storm-back", "s until all phones are back", back.Seconds)
                {
                    Goal = new Goal(60, GoalKind.AtMost), Note = string.Create(CultureInfo.InvariantCulture, $"{fewer}{phones} phones within {s_arrivals.TotalSeconds:0} s, {back.Repeated} tries were repeated, {back.Missing} never came back"),
                },
                new BenchResult("storm-calls", "% of the others' calls", 100 - called.FailedPercent)
                {
                    Goal = new Goal(99, GoalKind.AtLeast), Note = string.Create(CultureInfo.InvariantCulture, $"{called.Started} calls, p99 of their time {called.WorstMicroseconds / 1000:0} ms"),
                },
                new BenchResult("storm-memory", "MiB more than before, at most", memory.Growth / 1024.0) { Note = memory.GrowthOfEach },
            ];
        }
        finally
        {
            foreach (StreamPhone? phone in open)
                phone?.Dispose();
        }
    }

    /// <summary>Each phone at a moment of its own within a time; who is refused tries again.</summary>
    private static async Task<Coming> ComeAsync(ClusterProduct product, StreamPhone?[] open, TimeSpan arrivals, CancellationToken cancel)
    {
        long begin = Pacer.Now, deadline = begin + (long)s_patience.TotalNanoseconds, last = begin;
        int next = -1, repeated = 0, missing = 0;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(Come, 256 * 1024) { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        await Task.Run(() => Array.ForEach(threads, thread => thread.Join()), CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        return new Coming((last - begin) / 1e9, repeated, missing);

        void Come()
        {
            int phone;
            while ((phone = Interlocked.Increment(ref next)) < open.Length && !cancel.IsCancellationRequested)
            {
                Wait(begin + (long)(arrivals.TotalNanoseconds * phone / open.Length));
                while (!Register(phone))
                {
                    Interlocked.Increment(ref repeated);
                    if (Pacer.Now > deadline)
                    {
                        Interlocked.Increment(ref missing);
                        return;
                    }
                    Wait(Pacer.Now + (long)s_again.TotalNanoseconds);
                }
                InterlockedMax(ref last, Pacer.Now);
            }
        }

        bool Register(int phone)
        {
            int user = Callers + (phone % (Phonebook.Users - Callers));
            try
            {
                open[phone] = StreamPhone.OpenAsync(product.TlsPort, Phonebook.DomainOf(user), [new LoadUser(user)], (uint)phone << 8).GetAwaiter().GetResult();
                if (open[phone]!.Register() == 200)
                    return true;
                open[phone]!.Dispose();
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or AuthenticationException)
            {
                // refused or cut off: that is what it comes back from
            }
            return false;
        }
    }

    private static void Wait(long until)
    {
        long milliseconds = (until - Pacer.Now) / 1_000_000;
        if (milliseconds > 0)
            Thread.Sleep((int)milliseconds);
    }

    private static void InterlockedMax(ref long most, long value)
    {
        long seen = Volatile.Read(ref most);
        while (value > seen)
        {
            long before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    private readonly record struct Coming(double Seconds, int Repeated, int Missing);
}
