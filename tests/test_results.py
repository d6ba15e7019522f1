from keras_gen.zoo import results

SHARED = {"real": "x test", "n_real": 9, "ema": False}


def test_records_are_grouped_by_what_they_share_and_come_back():
    records = [
        {"metric": metric, "subject": subject, "value": value, **shared}
        for shared in (SHARED, SHARED | {"task": "b to a"})
        for metric, subject, value in (
            ("l1", "model", 1.5), ("l1", "mean picture", 2.5),
            ("psnr", "model", 30.0),
        )
    ]
    records[1]["spread"] = 0.25
    groups = results.grouped(records)
    assert groups == [
        SHARED | {
            "l1": {"model": 1.5, "mean picture": [2.5, 0.25]},
            "psnr": {"model": 30.0},
        },
        SHARED | {
            "task": "b to a",
            "l1": {"model": 1.5, "mean picture": 2.5},
            "psnr": {"model": 30.0},
        },
    ]
    assert results.flat(groups) == records


def test_nothing_measured_is_nothing():
    assert results.grouped([]) == results.flat([]) == []
