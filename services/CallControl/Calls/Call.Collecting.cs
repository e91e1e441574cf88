using CloudPbx.Net.Timers;

namespace CloudPbx.CallControl.Calls;

/// <summary>Play and collect: a party hears prompts, and what it enters meanwhile and after comes as one result; by telephone events, tones or INFO alike.</summary>
internal sealed partial class Call
{
    private const string AllDigits = "0123456789*#";

    private Collection? _collection;

    /// <summary>Plays prompts and takes digits; the first one ends what plays.</summary>
    /// <param name="leg">The party.</param>
    /// <param name="terms">What ends the entry.</param>
    /// <param name="sounds">Prompts, in the tenant's language.</param>
    /// <returns>What was entered, without the key that ended it; null where nothing came in time, or the party is gone.</returns>
    private async Task<string?> PlayAndCollectAsync(CallLeg leg, CollectTerms terms, params string[] sounds)
    {
        Collection collection = _collection = new Collection(leg.Number, terms);
        try
        {
            await BeginPromptAsync(leg, AllDigits, sounds);
            while (true)
            {
                Task limit = _tenant.DelayAsync(collection.IsEmpty ? terms.Patience : terms.BetweenDigits, out TimerHandle timer);
                Task news = collection.News;
                await _tenant.Scheduler.FirstOf([collection.Entered, news, limit, _release.Task, .. EndsOf(leg)]);
                timer.Cancel();
                if (collection.Entered.IsCompletedSuccessfully)
                    return await collection.Entered;
                if (!news.IsCompleted)
                    return limit.IsCompleted && !collection.IsEmpty && !_release.Task.IsCompleted ? collection.Text : null;
            }
        }
        finally
        {
            _collection = null;
        }
    }

    /// <summary>A key of a party that is asked to enter something.</summary>
    /// <returns>Whether it was taken.</returns>
    private bool TakeCollectedDigit(int leg, char digit) => _collection is { } collection && collection.Take(leg, digit);

    /// <summary>What a party has entered so far.</summary>
    private sealed class Collection(int leg, CollectTerms terms)
    {
        private readonly TaskCompletionSource<string> _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Entered => _entered.Task;

        /// <summary>Completes with the next key.</summary>
        public Task News => _news.Task;

        public string Text { get; private set; } = "";

        public bool IsEmpty => Text.Length == 0;

        public bool Take(int number, char digit)
        {
            if (number != leg || _entered.Task.IsCompleted)
                return false;
            if (digit == terms.Ends)
                _entered.TrySetResult(Text);
            else if (digit == terms.Clears)
                Text = "";
            else if (Text.Length < terms.Most)
                Text += digit;
            if (Text.Length == terms.Most && terms.EndsWhenFull)
                _entered.TrySetResult(Text);
            _news.TrySetResult();
            _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }
}
