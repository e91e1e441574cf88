using CloudPbx.Edge.Guard;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Edge.Tests;

/// <summary>S12: how much new work a worker gets, against a simulated one that gets 100 calls a second done.</summary>
public class AdmissionTests
{
    private const double Capacity = 100;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void S12_everything_is_admitted_while_nothing_waits()
    {
        Admission admission = new(_time);
        for (int i = 0; i < 100; i++)
        {
            for (int n = 0; n < 1000; n++)
                Assert.True(admission.TryAdmit(false));
            _time.Advance(TimeSpan.FromMilliseconds(100));
            admission.Report(TimeSpan.FromMilliseconds(i == 50 ? 900 : 20));        // one pause of the garbage collector is no overload
        }
        Assert.False(admission.IsLimiting);
    }

    [Fact]
    public void S12_a_pause_of_a_worker_is_no_overload_and_what_it_left_behind_is_worked_off()
    {
        Worker worker = new(_time);
        for (int i = 0; i < 10; i++)
        {
            worker.Run(seconds: 3, callsPerSecond: 0.5 * Capacity);
            worker.Pause(0.7);
        }
        worker.Run(seconds: 3, 0.5 * Capacity);
        Assert.Equal(0, worker.Refused);
    }

    [Fact]
    public void S12_under_overload_pauses_cost_little_more_than_they_last()
    {
        Worker worker = new(_time);
        worker.Run(seconds: 10, 3 * Capacity);
        int done = worker.Done;
        for (int i = 0; i < 20; i++)
        {
            worker.Pause(0.3);
            worker.Run(seconds: 2, 3 * Capacity);
        }
        Assert.InRange(worker.Done - done, 0.9 * Capacity * 1.7 * 20, 1.01 * Capacity * 1.7 * 20);              // of the time that it works
    }

    [Theory]
    [InlineData(1.2)]
    [InlineData(3)]
    [InlineData(10)]
    public void S12_above_its_capacity_a_worker_goes_on_at_its_capacity_and_recovers(double times)
    {
        Worker worker = new(_time);
        worker.Run(seconds: 10, callsPerSecond: 0.8 * Capacity);
        Assert.Equal(0, worker.Refused);
        worker.Run(seconds: 10, times * Capacity);                                  // finds the rate
        worker.WorstDelay = 0;
        (int done, int refused) = (worker.Done, worker.Refused);
        worker.Run(seconds: 50, times * Capacity);
        Assert.InRange(worker.Done - done, 0.9 * Capacity * 50, 1.01 * Capacity * 50);
        Assert.InRange(worker.Refused - refused, (times - 1.05) * Capacity * 50, times * Capacity * 50);
        Assert.InRange(worker.WorstDelay, 0, 0.5);
        worker.Run(seconds: 10, 0.8 * Capacity);
        refused = worker.Refused;
        worker.WorstDelay = 0;
        worker.Run(seconds: 10, 0.8 * Capacity);
        Assert.Equal(0, worker.Refused - refused);
        Assert.InRange(worker.WorstDelay, 0, 0.1);
        Assert.False(worker.Admission.IsLimiting);
    }

    [Fact]
    public void S12_who_answers_a_challenge_goes_before_who_is_not_challenged_yet()
    {
        Admission admission = new(_time);
        for (int i = 0; i < 10; i++)
        {
            for (int n = 0; n < 10; n++)
                admission.TryAdmit(false);
            _time.Advance(TimeSpan.FromMilliseconds(100));
            admission.Report(TimeSpan.FromMilliseconds(200 + 10 * i));
        }
        Assert.True(admission.IsLimiting);
        while (admission.TryAdmit(false))
        {
        }
        Assert.True(admission.TryAdmit(true));
        int more = 0;
        while (more < 1000 && admission.TryAdmit(true))
            more++;
        Assert.InRange(more, 4, 200);                                               // not without end
    }

    [Fact]
    public void S12_a_worker_that_stands_still_gets_little_and_is_tried_all_the_same()
    {
        Admission admission = new(_time);
        int admitted = 0;
        for (int i = 0; i < 300; i++)
        {
            for (int n = 0; n < 20; n++)
                admitted += admission.TryAdmit(false) && i >= 100 ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(100));
            admission.Report(TimeSpan.FromMilliseconds(100 * i));
        }
        Assert.InRange(admitted, 300, 500);                                         // 20 a second
    }

    /// <summary>A queue in which a call is two requests and, two seconds later, a third one; hello passes it too.</summary>
    private sealed class Worker(FakeTimeProvider time)
    {
        private readonly Queue<(double Cost, double Came, Action? Then)> _queue = new();
        private readonly PriorityQueue<Action, double> _later = new();
        private readonly Random _random = new(7);
        private double _now;
        private double _credit;
        private double _greeted;
        private double _asked;
        private double _spoke;
        private double _pausedUntil;

        public Admission Admission { get; } = new(time);

        public int Done { get; private set; }

        public int Refused { get; private set; }

        public double WorstDelay { get; set; }

        /// <summary>Takes nothing from the queue for a while, as in a garbage collection.</summary>
        public void Pause(double seconds) => _pausedUntil = _now + seconds;

        public void Run(double seconds, double callsPerSecond)
        {
            const double step = 0.001;
            for (double end = _now + seconds; _now < end; _now += step, time.Advance(TimeSpan.FromSeconds(step)))
            {
                if (_random.NextDouble() < callsPerSecond * step % 1)
                    Arrive();
                for (int i = 0; i < (int)(callsPerSecond * step); i++)
                    Arrive();
                while (_later.TryPeek(out Action? act, out double due) && due <= _now)
                {
                    _later.Dequeue();
                    act();
                }
                Greet();
                _credit = _now < _pausedUntil ? 0 : Math.Min(_credit + step, step);
                while (_queue.TryPeek(out (double Cost, double Came, Action? Then) next) && _credit > 0)
                {
                    _queue.Dequeue();
                    _credit -= next.Cost;
                    WorstDelay = Math.Max(WorstDelay, _now - next.Came);
                    _spoke = _now;
                    next.Then?.Invoke();
                }
            }
        }

        private void Arrive()
        {
            if (!Admission.TryAdmit(false))
                Refused++;
            else
                Work(0.2, () => Soon(0.02, () =>
                {
                    if (Admission.TryAdmit(true))
                        Work(0.5, () => Soon(2, () => Work(0.3, () => Done++)));
                }));
        }

        // As WorkerLink does it.
        private void Greet()
        {
            if (_now - _greeted < 0.1)
                return;
            if (_asked != 0)
                Admission.ReportAtLeast(TimeSpan.FromSeconds(_now - _asked), _now - _spoke > 0.1);
            double said = _greeted = _now;
            if (_asked == 0)
                _asked = said;
            Work(0, () =>
            {
                _asked = said == _greeted ? 0 : said + 0.1;
                Admission.Report(TimeSpan.FromSeconds(_now - said));
            });
        }

        // Costs are parts of a call.
        private void Work(double cost, Action then) => _queue.Enqueue((cost / Capacity, _now, then));

        private void Soon(double seconds, Action act) => _later.Enqueue(act, _now + seconds);
    }
}
