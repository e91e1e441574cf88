namespace CloudPbx.Sip.Resolution;

/// <summary>Puts SRV records into the order in which they are tried: by priority, within one drawn by weight (RFC 2782).</summary>
internal static class SrvOrdering
{
    /// <summary>Orders records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="random">Draws.</param>
    public static IEnumerable<SrvRecord> Order(IEnumerable<SrvRecord> records, Random random)
    {
        foreach (IGrouping<int, SrvRecord> priority in records.GroupBy(record => record.Priority).OrderBy(group => group.Key))
        {
            // Those without weight stand first: then they have "a very small chance", as RFC 2782 wants it.
            List<SrvRecord> left = [.. priority.OrderBy(record => record.Weight != 0)];
            while (left.Count > 0)
            {
                int drawn = random.Next(left.Sum(record => record.Weight) + 1);
                int index = 0;
                for (int sum = left[0].Weight; sum < drawn; sum += left[index].Weight)
                    index++;
                yield return left[index];
                left.RemoveAt(index);
            }
        }
    }
}
